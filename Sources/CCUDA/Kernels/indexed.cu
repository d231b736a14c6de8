// Elements at indices. What may meet in one place is done by one thread, in order: no sum hangs on chance.

/// Where a slice of an image begins in the tensor.
static __device__ whole slice_start(const struct slices *s, whole image, whole slice) {
    if (s->starts) return s->starts[slice];
    const float *indices = s->indices + image * s->image_stride + slice * s->levels;
    whole start = s->bases[slice];
    for (int level = 0; level < s->levels; level++) {
        float stated = truncf(indices[level]);
        // No number, or one that no index is, means the first.
        whole index = fabsf(stated) < 9e18f ? (whole)stated : 0, extent = s->extents[level];
        if (index < 0) index += extent;
        start += (index < 0 ? 0 : index >= extent ? extent - 1 : index) * s->strides[level];
    }
    return start;
}

KERNEL(slices_forward) {
    EACH(i) {
        whole in_slice = i % p.slices.run, slice = i / p.slices.run % p.slices.count;
        whole image = i / (p.slices.run * p.slices.count);
        p.y[i] = p.x[image * p.x_stride + slice_start(&p.slices, image, slice) + in_slice];
    }
}

KERNEL(slices_gradient) {
    EACH(i) {
        whole image = i / p.slices.run, in_slice = i % p.slices.run;
        const float *d = p.d + image * p.slices.count * p.slices.run + in_slice;
        for (whole slice = 0; slice < p.slices.count; slice++)
            p.t[image * p.numbers + slice_start(&p.slices, image, slice) + in_slice] += d[slice * p.slices.run];
    }
}

KERNEL(scatter_forward) {
    EACH(i) {
        whole image = i / p.slices.run, in_slice = i % p.slices.run;
        const float *u = p.u + image * p.u_stride + in_slice;
        for (whole slice = 0; slice < p.slices.count; slice++) {
            float *y = p.y + image * p.numbers + slice_start(&p.slices, image, slice) + in_slice;
            float update = u[slice * p.slices.run];
            switch (p.reduction) {
            case scatter_none: *y = update; break;
            case scatter_add: *y += update; break;
            case scatter_mul: *y *= update; break;
            case scatter_max: *y = greater(*y, update); break;
            case scatter_min: *y = lesser(*y, update); break;
            }
        }
    }
}

KERNEL(scatter_start) {
    EACH(i) {
        float x = p.x[i / p.numbers * p.x_stride + i % p.numbers];
        bool counts = p.reduction == scatter_mul ? x == 0 : p.reduction != scatter_none && x == p.y[i];
        p.marks[i] = counts ? 1 : 0;
        if (p.reduction == scatter_mul) p.rest[i] = x == 0 ? 1 : x;
    }
}

KERNEL(scatter_marks) {
    EACH(i) {
        whole image = i / p.slices.run, in_slice = i % p.slices.run;
        const float *u = p.u + image * p.u_stride + in_slice;
        for (whole slice = 0; slice < p.slices.count; slice++) {
            whole at = image * p.numbers + slice_start(&p.slices, image, slice) + in_slice;
            float update = u[slice * p.slices.run];
            if (p.reduction == scatter_none) p.marks[at] = (float)(slice + 1);
            else if (p.reduction != scatter_mul) p.marks[at] += update == p.y[at] ? 1 : 0;
            else if (update == 0) p.marks[at] += 1;
            else p.rest[at] *= update;
        }
    }
}

/// How much of the gradient at a place goes to the number v, which is x or one of the updates.
static __device__ float scatter_share(int reduction, float v, float y, float marks, float rest) {
    switch (reduction) {
    case scatter_add: return 1;
    case scatter_mul: return marks == 0 ? rest / v : marks == 1 && v == 0 ? rest : 0;
    default: return v == y ? 1 / marks : 0;
    }
}

KERNEL(scatter_x_gradient) {
    EACH(i) {
        float x = p.x[i / p.numbers * p.x_stride + i % p.numbers];
        float share = p.reduction == scatter_none
                          ? (p.marks[i] == 0 ? 1 : 0)
                          : scatter_share(p.reduction, x, p.y[i], p.marks ? p.marks[i] : 0, p.rest ? p.rest[i] : 0);
        p.t[i] += p.d[i] * share;
    }
}

KERNEL(scatter_u_gradient) {
    EACH(i) {
        whole in_slice = i % p.slices.run, slice = i / p.slices.run % p.slices.count;
        whole image = i / (p.slices.run * p.slices.count);
        whole at = image * p.numbers + slice_start(&p.slices, image, slice) + in_slice;
        float u = p.u[image * p.u_stride + slice * p.slices.run + in_slice];
        float share = p.reduction == scatter_none
                          ? (p.marks[at] == (float)(slice + 1) ? 1 : 0)
                          : scatter_share(p.reduction, u, p.y[at], p.marks ? p.marks[at] : 0, p.rest ? p.rest[at] : 0);
        p.t[i] += p.d[at] * share;
    }
}

KERNEL(arg_max) {
    EACH(line) {
        const float *x = p.x + line / p.inner * p.extent * p.inner + line % p.inner;
        float sign = p.least ? -1 : 1;
        whole best = 0;
        for (whole i = 1; i < p.extent; i++) {
            float a = sign * x[i * p.inner], b = sign * x[best * p.inner];
            if (a > b || (p.last && a == b)) best = i;
        }
        p.y[line] = (float)best;
    }
}

KERNEL(top_forward) {
    EACH(line) {
        const float *x = p.x + line / p.inner * p.extent * p.inner + line % p.inner;
        whole to = line / p.inner * p.k * p.inner + line % p.inner, before = -1;
        for (whole rank = 0; rank < p.k; rank++) {
            // The first in order of those after the one before.
            whole best = -1;
            for (whole i = 0; i < p.extent; i++) {
                float v = p.sign * x[i * p.inner];
                if (before >= 0) {
                    float last = p.sign * x[before * p.inner];
                    if (v > last || (v == last && i <= before)) continue;
                }
                if (best < 0 || v > p.sign * x[best * p.inner]) best = i;
            }
            if (best < 0) best = 0;
            p.y[to + rank * p.inner] = x[best * p.inner];
            p.places[to + rank * p.inner] = (float)best;
            before = best;
        }
    }
}

KERNEL(top_gradient) {
    EACH(line) {
        float *t = p.t + line / p.inner * p.extent * p.inner + line % p.inner;
        whole from = line / p.inner * p.k * p.inner + line % p.inner;
        for (whole rank = 0; rank < p.k; rank++) {
            whole at = from + rank * p.inner;
            t[(whole)p.places[at] * p.inner] += p.d[at];
        }
    }
}
