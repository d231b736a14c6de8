// What divides lines, rows and channels by their own sums.

KERNEL(softmax_forward) {
    EACH(i) {
        whole along = p.extent * p.inner, line = over(i, along) * p.inner + rest(i, p.inner);
        float x = p.x[i] - p.found[2 * line], sum = p.found[2 * line + 1];
        p.y[i] = p.is_log ? x - logf(sum) : expf(x) / sum;
    }
}

KERNEL(softmax_gradient) {
    EACH(i) {
        whole along = p.extent * p.inner, line = over(i, along) * p.inner + rest(i, p.inner);
        float y = p.y[i], d = p.d[i], all = p.found[2 * line];
        p.t[i] += p.is_log ? d - expf(y) * all : y * (d - all);
    }
}

KERNEL(normalise_forward) {
    EACH(i) {
        whole row = over(i, p.row), c = rest(over(rest(i, p.numbers), p.gain_run), p.gains);
        p.y[i] = (p.x[i] - p.known[2 * row]) * p.known[2 * row + 1] * p.gain[c] + (p.bias ? p.bias[c] : 0);
    }
}

/// With z = (x - mean) * scale and e = d * gain: t += scale * (e - mean(e) - z * mean(e * z)).
KERNEL(normalise_gradient) {
    EACH(i) {
        whole row = over(i, p.row), c = rest(over(rest(i, p.numbers), p.gain_run), p.gains);
        float scale = p.known[2 * row + 1], z = (p.x[i] - p.known[2 * row]) * scale;
        p.t[i] += scale * (p.d[i] * p.gain[c] - p.found[2 * row] - z * p.found[2 * row + 1]);
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
