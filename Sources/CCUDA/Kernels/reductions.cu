// Sums, norms, products and extremes over axes. Sums are of double precision.

KERNEL(reduce_parts) {
    EACH(i) {
        whole first, next, part = rest(i, p.parts);
        places(&p.outer, over(i, p.parts), 1, &first);
        float peak = p.kind == reduce_min ? INFINITY : -INFINITY, base = 0;
        if (p.kind >= reduce_log_sum_exp && p.kind <= reduce_min) {
            for (whole j = part; j < p.inner_count; j += p.parts) {
                places(&p.inner, j, 1, &next);
                float x = p.x[first + next];
                peak = p.kind == reduce_min ? lesser(peak, x) : greater(peak, x);
            }
            if (fabsf(peak) < INFINITY) base = peak;
        }
        double sum = p.kind == reduce_product ? 1 : 0;
        for (whole j = part; j < p.inner_count; j += p.parts) {
            places(&p.inner, j, 1, &next);
            float x = p.x[first + next];
            switch (p.kind) {
            case reduce_l1: sum += fabsf(x); break;
            case reduce_l2:
            case reduce_sum_square: sum += (double)x * x; break;
            case reduce_log_sum_exp: sum += expf(x - base); break;
            case reduce_product: sum *= x; break;
            case reduce_max:
            case reduce_min: break;
            default: sum += x; break;
            }
        }
        p.sums[2 * i] = peak;
        p.sums[2 * i + 1] = sum;
    }
}

KERNEL(reduce_forward) {
    EACH(i) {
        const double *sums = p.sums + 2 * i * p.parts;
        double peak = sums[0], sum = p.kind == reduce_product ? 1 : 0;
        for (whole k = 1; k < p.parts; k++)
            if (sums[2 * k] != sums[2 * k] || (p.kind == reduce_min ? sums[2 * k] < peak : sums[2 * k] > peak))
                peak = sums[2 * k];
        double base = fabs(peak) < INFINITY ? peak : 0;
        for (whole k = 0; k < p.parts; k++) {
            double own = sums[2 * k + 1];
            // Each part's exponentials are of its own numbers less its own greatest, where that is finite.
            if (p.kind == reduce_log_sum_exp && own != 0)
                own *= exp((fabs(sums[2 * k]) < INFINITY ? sums[2 * k] : 0) - base);
            sum = p.kind == reduce_product ? sum * own : sum + own;
        }
        float y = (float)sum;
        switch (p.kind) {
        case reduce_l2: y = sqrtf(y); break;
        case reduce_log_sum: y = logf(y); break;
        case reduce_log_sum_exp: y = logf(y) + (float)base; break;
        case reduce_max:
        case reduce_min: y = (float)peak; break;
        case reduce_sum: y *= p.factor; break;
        }
        p.y[i] = y;
    }
}

KERNEL(reduce_marks) {
    EACH(i) {
        whole first, next;
        places(&p.outer, i, 1, &first);
        float marks = 0, rest = 1;
        for (whole j = 0; j < p.inner_count; j++) {
            places(&p.inner, j, 1, &next);
            float x = p.x[first + next];
            if (p.kind != reduce_product) marks += x == p.y[i] ? 1 : 0;
            else if (x == 0) marks += 1;
            else rest *= x;
        }
        p.marks[i] = marks;
        if (p.rest) p.rest[i] = rest;
    }
}

KERNEL(reduce_gradient) {
    EACH(i) {
        whole at;
        places(&p.walk, i, 1, &at);
        float d = p.d[at], x = p.x ? p.x[i] : 0, y = p.y ? p.y[at] : 0, share;
        switch (p.kind) {
        case reduce_l1: share = x > 0 ? d : x < 0 ? -d : 0; break;
        case reduce_l2: share = y == 0 ? 0 : d * x / y; break;
        case reduce_sum_square: share = 2 * d * x; break;
        case reduce_log_sum: share = d / expf(y); break;
        case reduce_log_sum_exp: share = d * expf(x - y); break;
        case reduce_max:
        case reduce_min: share = x == y ? d / p.marks[at] : 0; break;
        case reduce_product:
            share = p.marks[at] == 0 ? d * y / x : p.marks[at] == 1 && x == 0 ? d * p.rest[at] : 0;
            break;
        default: share = d * p.factor; break;
        }
        p.t[i] += share;
    }
}
