// Maps read at computed places. Jaderberg et al. 2015, https://arxiv.org/abs/1506.02025

/// Up to four indices along an axis, with their weights and the weights' derivatives by the place.
struct axis_taps {
    int count;
    whole index[4];
    float weight[4], slope[4];
};

/// Keys' cubic with a = -0.75, and its derivative. https://doi.org/10.1109/TASSP.1981.1163711
static __device__ float cubic(float distance) {
    float a = -0.75f, t = fabsf(distance);
    if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

static __device__ float cubic_slope(float distance) {
    float a = -0.75f, t = fabsf(distance);
    float slope = t <= 1 ? (3 * (a + 2) * t - 2 * (a + 3)) * t : t < 2 ? (3 * a * t - 10 * a) * t + 8 * a : 0;
    return distance < 0 ? -slope : slope;
}

/// A coordinate after padding; `slope`: its derivative.
static __device__ float padded(const struct grid_form *f, float raw, whole extent, float *slope) {
    *slope = 1;
    if (f->padding == grid_zeros) return raw;
    float place = raw;
    if (f->padding == grid_reflection) {
        float low = f->aligns_corners ? 0 : -0.5f, span = f->aligns_corners ? (float)(extent - 1) : (float)extent;
        if (!(span > 0)) {
            *slope = 0;
            return 0;
        }
        float distance = fabsf(raw - low), flips = floorf(distance / span), rest = distance - flips * span;
        bool odd = ((whole)flips) % 2 == 1;
        place = low + (odd ? span - rest : rest);
        *slope = (raw < low ? -1.f : 1.f) * (odd ? -1.f : 1.f);
    }
    float last = (float)(extent - 1);
    if (place <= 0 || place >= last) *slope = 0;
    return place <= 0 ? 0 : place >= last ? last : place;
}

static __device__ void add_tap(struct axis_taps *taps, whole extent, float index, float weight, float slope) {
    whole at = (whole)index;
    if (at < 0 || at >= extent) return;
    int k = taps->count++;
    taps->index[k] = at;
    taps->weight[k] = weight;
    taps->slope[k] = slope;
}

/// The taps along an axis for a place of -1...1.
static __device__ struct axis_taps grid_taps(const struct grid_form *f, float place, whole extent) {
    struct axis_taps taps;
    taps.count = 0;
    float scale = f->aligns_corners ? (float)(extent - 1) / 2 : (float)extent / 2;
    float raw = (place + 1) * scale - (f->aligns_corners ? 0 : 0.5f), slope;
    // A place that is no number is outside of all maps.
    if (!(fabsf(raw) < 16777216.f)) {
        if (f->padding != grid_zeros) add_tap(&taps, extent, 0, 1, 0);
    } else if (f->mode == grid_nearest) {
        add_tap(&taps, extent, rintf(padded(f, raw, extent, &slope)), 1, 0);
    } else if (f->mode == grid_linear) {
        float at = padded(f, raw, extent, &slope), first = floorf(at);
        add_tap(&taps, extent, first, first + 1 - at, -slope * scale);
        add_tap(&taps, extent, first + 1, at - first, slope * scale);
    } else {
        float first = floorf(raw);
        for (int offset = -1; offset <= 2; offset++) {
            float distance = raw - first - (float)offset;
            float index = roundf(padded(f, first + (float)offset, extent, &slope));
            add_tap(&taps, extent, index, cubic(distance), cubic_slope(distance) * scale);
        }
    }
    return taps;
}

KERNEL(grid_forward) {
    EACH(i) {
        const struct grid_form *f = &p.form;
        whole place = i % f->area, channel = i / f->area % f->channels, map = i / (f->area * f->channels) % f->maps;
        whole image = i / (f->area * f->channels * f->maps);
        const float *at = p.grid + image * f->grid_stride + 2 * (map * f->area + place);
        const float *x = p.x + image * f->x_stride + (map * f->channels + channel) * f->height * f->width;
        struct axis_taps columns = grid_taps(f, at[0], f->width), rows = grid_taps(f, at[1], f->height);
        float sum = 0;
        for (int r = 0; r < rows.count; r++)
            for (int c = 0; c < columns.count; c++)
                sum += rows.weight[r] * columns.weight[c] * x[rows.index[r] * f->width + columns.index[c]];
        p.y[i] = sum;
    }
}

KERNEL(grid_map_gradient) {
    EACH(i) {
        const struct grid_form *f = &p.form;
        whole map = i / f->channels % f->maps, image = i / (f->channels * f->maps);
        const float *at = p.grid + image * f->grid_stride + 2 * map * f->area;
        float *t = p.t + i * f->height * f->width;
        for (whole place = 0; place < f->area; place++) {
            struct axis_taps columns = grid_taps(f, at[2 * place], f->width);
            struct axis_taps rows = grid_taps(f, at[2 * place + 1], f->height);
            float d = p.d[i * f->area + place];
            for (int r = 0; r < rows.count; r++)
                for (int c = 0; c < columns.count; c++)
                    t[rows.index[r] * f->width + columns.index[c]] += rows.weight[r] * columns.weight[c] * d;
        }
    }
}

KERNEL(grid_place_gradient) {
    EACH(i) {
        const struct grid_form *f = &p.form;
        whole place = i % f->area, map = i / f->area % f->maps, image = i / (f->area * f->maps);
        const float *at = p.grid + image * f->grid_stride + 2 * (map * f->area + place);
        struct axis_taps columns = grid_taps(f, at[0], f->width), rows = grid_taps(f, at[1], f->height);
        float by_x = 0, by_y = 0;
        for (int r = 0; r < rows.count; r++)
            for (int c = 0; c < columns.count; c++) {
                float sum = 0;
                for (whole channel = 0; channel < f->channels; channel++) {
                    whole plane = (map * f->channels + channel);
                    float x = p.x[image * f->x_stride + (plane * f->height + rows.index[r]) * f->width + columns.index[c]];
                    sum += x * p.d[(image * f->maps * f->channels + plane) * f->area + place];
                }
                by_x += rows.weight[r] * columns.slope[c] * sum;
                by_y += rows.slope[r] * columns.weight[c] * sum;
            }
        p.t[2 * i] += by_x;
        p.t[2 * i + 1] += by_y;
    }
}
