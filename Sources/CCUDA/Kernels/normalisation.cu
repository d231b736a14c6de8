// What divides lines, rows and channels by their own sums.

KERNEL(softmax_forward) {
    EACH(line) {
        whole start = line / p.inner * p.extent * p.inner + line % p.inner, end = p.extent * p.inner;
        const float *x = p.x + start;
        float *y = p.y + start, peak = -INFINITY;
        double sum = 0;
        for (whole i = 0; i < end; i += p.inner) peak = x[i] > peak ? x[i] : peak;
        for (whole i = 0; i < end; i += p.inner) {
            float e = expf(x[i] - peak);
            sum += e;
            y[i] = e;
        }
        float whole_sum = (float)sum, log = p.is_log ? logf(whole_sum) : 0;
        for (whole i = 0; i < end; i += p.inner) y[i] = p.is_log ? x[i] - peak - log : y[i] / whole_sum;
    }
}

KERNEL(softmax_gradient) {
    EACH(line) {
        whole start = line / p.inner * p.extent * p.inner + line % p.inner, end = p.extent * p.inner;
        const float *y = p.y + start, *d = p.d + start;
        float *t = p.t + start;
        double sum = 0;
        for (whole i = 0; i < end; i += p.inner) sum += p.is_log ? d[i] : d[i] * y[i];
        float all = (float)sum;
        for (whole i = 0; i < end; i += p.inner) t[i] += p.is_log ? d[i] - expf(y[i]) * all : y[i] * (d[i] - all);
    }
}

static __device__ void row_statistics(const float *x, whole row, bool subtracts_mean, double epsilon, float *mean,
                                      float *scale) {
    double sum = 0, squares = 0;
    *mean = 0;
    if (subtracts_mean) {
        for (whole i = 0; i < row; i++) sum += x[i];
        *mean = (float)(sum / row);
    }
    for (whole i = 0; i < row; i++) {
        float deviation = x[i] - *mean;
        squares += (double)deviation * deviation;
    }
    *scale = (float)(1 / sqrt(squares / row + epsilon));
}

KERNEL(normalise_forward) {
    EACH(index) {
        whole in_image = index % p.rows * p.row;
        const float *x = p.x + index * p.row;
        float *y = p.y + index * p.row, mean, scale;
        row_statistics(x, p.row, p.subtracts_mean, p.epsilon, &mean, &scale);
        for (whole i = 0; i < p.row; i++) {
            whole c = (in_image + i) / p.gain_run % p.gains;
            y[i] = (x[i] - mean) * scale * p.gain[c] + (p.bias ? p.bias[c] : 0);
        }
    }
}

/// With z = (x - mean) * scale and e = d * gain: t += scale * (e - mean(e) - z * mean(e * z)).
KERNEL(normalise_gradient) {
    EACH(index) {
        whole in_image = index % p.rows * p.row;
        const float *x = p.x + index * p.row, *d = p.d + index * p.row;
        float *t = p.t + index * p.row, mean, scale;
        row_statistics(x, p.row, p.subtracts_mean, p.epsilon, &mean, &scale);
        double sum = 0, products = 0;
        for (whole i = 0; i < p.row; i++) {
            float e = d[i] * p.gain[(in_image + i) / p.gain_run % p.gains];
            sum += e;
            products += (double)e * (x[i] - mean);
        }
        float mean_e = p.subtracts_mean ? (float)(sum / p.row) : 0, mean_product = (float)(products * scale / p.row);
        for (whole i = 0; i < p.row; i++) {
            float e = d[i] * p.gain[(in_image + i) / p.gain_run % p.gains];
            t[i] += scale * (e - mean_e - (x[i] - mean) * scale * mean_product);
        }
    }
}

/// What the number of channel c, at `x` in channel 0, is divided by before it is raised to beta.
static __device__ float lrn_scale(const float *x, whole c, whole channels, whole area, whole size, float alpha,
                                  float bias) {
    whole first = c - (size - 1) / 2, end = c + size / 2 + 1;
    float sum = 0;
    if (first < 0) first = 0;
    if (end > channels) end = channels;
    for (whole n = first; n < end; n++) sum += x[n * area] * x[n * area];
    return bias + alpha * sum;
}

KERNEL(lrn_forward) {
    EACH(i) {
        whole c = i / p.area % p.channels;
        const float *x = p.x + (i - c * p.area);
        p.y[i] = p.x[i] * powf(lrn_scale(x, c, p.channels, p.area, p.size, p.alpha, p.bias), -p.beta);
    }
}

KERNEL(lrn_gradient) {
    EACH(i) {
        whole c = i / p.area % p.channels, base = i - c * p.area;
        const float *x = p.x + base, *d = p.d + base;
        // The channels among whose neighbours this one is.
        whole first = c - p.size / 2, end = c + (p.size - 1) / 2 + 1;
        if (first < 0) first = 0;
        if (end > p.channels) end = p.channels;
        float own = p.d[i] * powf(lrn_scale(x, c, p.channels, p.area, p.size, p.alpha, p.bias), -p.beta), sum = 0;
        for (whole n = first; n < end; n++) {
            float s = lrn_scale(x, n, p.channels, p.area, p.size, p.alpha, p.bias);
            sum += d[n * p.area] * x[n * p.area] * powf(s, -p.beta) / s;
        }
        p.t[i] += own - 2 * p.alpha * p.beta * x[c * p.area] * sum;
    }
}
