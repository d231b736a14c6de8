// What lines of numbers come to: threads take parts of a line each, and of their numbers a thread a line makes the
// line's, in order, so that they are the same every time. Sums are of double precision.

/// Where a line's numbers begin.
static __device__ whole line_start(whole line, whole extent, whole inner) {
    return over(line, inner) * extent * inner + rest(line, inner);
}

KERNEL(line_parts) {
    EACH(i) {
        whole line = over(i, p.parts), first = rest(i, p.parts) * p.inner, step = p.parts * p.inner;
        whole start = line_start(line, p.extent, p.inner), end = p.extent * p.inner;
        const float *x = p.x + start;
        double a = 0, b = 0;
        if (p.kind == line_exponentials) {
            float peak = -INFINITY;
            for (whole j = first; j < end; j += step) peak = x[j] > peak ? x[j] : peak;
            for (whole j = first; j < end; j += step) b += expf(x[j] - (peak > -INFINITY ? peak : 0));
            a = peak;
        } else if (p.kind == line_range) {
            float least = INFINITY, most = -INFINITY;
            for (whole j = first; j < end; j += step) {
                least = x[j] < least ? x[j] : least;
                most = x[j] > most ? x[j] : most;
            }
            a = least, b = most;
        } else if (p.kind == line_sum) {
            for (whole j = first; j < end; j += step) a += x[j];
        } else if (p.kind == line_product) {
            const float *d = p.d + start;
            for (whole j = first; j < end; j += step) a += (double)d[j] * x[j];
        } else if (p.kind == line_squares) {
            for (whole j = first; j < end; j += step) b += (double)x[j] * x[j];
        } else if (p.kind == line_moments) {
            for (whole j = first; j < end; j += step) a += x[j];
            a /= (double)((end - first + step - 1) / step);
            for (whole j = first; j < end; j += step) b += (x[j] - a) * (x[j] - a);
        } else {
            const float *d = p.d + start;
            for (whole j = first; j < end; j += step) {
                float e = d[j] * p.gain[rest(over(rest(start + j, p.numbers), p.gain_run), p.gains)];
                a += e;
                b += (double)e * (x[j] - p.known[2 * line]);
            }
        }
        p.sums[2 * i] = a;
        p.sums[2 * i + 1] = b;
    }
}

KERNEL(line_join) {
    EACH(line) {
        const double *sums = p.sums + 2 * line * p.parts;
        double a = sums[0], b = sums[1], count = (double)((p.extent + p.parts - 1) / p.parts);
        if (p.kind == line_exponentials) {
            for (whole k = 1; k < p.parts; k++) a = sums[2 * k] > a ? sums[2 * k] : a;
            b = 0;
            for (whole k = 0; k < p.parts; k++) b += sums[2 * k + 1] * exp(sums[2 * k] - a);
        } else if (p.kind == line_range) {
            for (whole k = 1; k < p.parts; k++) {
                a = sums[2 * k] < a ? sums[2 * k] : a;
                b = sums[2 * k + 1] > b ? sums[2 * k + 1] : b;
            }
            b = (float)b - (float)a + 1e-8f;
        } else if (p.kind == line_moments) {
            // Chan et al. 1979: the mean, and the sum of squared deviations from it, of two sets.
            for (whole k = 1; k < p.parts; k++) {
                double own = (double)((p.extent - k + p.parts - 1) / p.parts), all = count + own;
                double apart = sums[2 * k] - a;
                b += sums[2 * k + 1] + apart * apart * count * own / all;
                a += apart * own / all;
                count = all;
            }
            b = 1 / sqrt(b / p.extent + p.epsilon);
        } else {
            for (whole k = 1; k < p.parts; k++) a += sums[2 * k], b += sums[2 * k + 1];
            if (p.kind == line_squares) b = 1 / sqrt(b / p.extent + p.epsilon);
            if (p.kind == line_pull) {
                a = p.subtracts_mean ? a / p.extent : 0;
                b = b * p.known[2 * line + 1] / p.extent;
            }
        }
        p.found[2 * line] = (float)a;
        p.found[2 * line + 1] = (float)b;
    }
}
