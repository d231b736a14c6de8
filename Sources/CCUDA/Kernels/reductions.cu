// Sums, norms, products and extremes over axes. Sums are of double precision.

KERNEL(reduce_forward) {
    EACH(i) {
        whole first, next;
        places(&p.outer, i, 1, &first);
        float peak = p.kind == reduce_min ? INFINITY : -INFINITY;
        if (p.kind >= reduce_log_sum_exp && p.kind <= reduce_min) {
            for (whole j = 0; j < p.inner_count; j++) {
                places(&p.inner, j, 1, &next);
                float x = p.x[first + next];
                if (p.kind == reduce_min ? x < peak : x > peak) peak = x;
            }
            if (p.kind != reduce_log_sum_exp) {
                p.y[i] = peak;
                continue;
            }
            if (!(fabsf(peak) < INFINITY)) peak = 0;
        }
        double sum = p.kind == reduce_product ? 1 : 0;
        for (whole j = 0; j < p.inner_count; j++) {
            places(&p.inner, j, 1, &next);
            float x = p.x[first + next];
            switch (p.kind) {
            case reduce_l1: sum += fabsf(x); break;
            case reduce_l2:
            case reduce_sum_square: sum += (double)x * x; break;
            case reduce_log_sum_exp: sum += expf(x - peak); break;
            case reduce_product: sum *= x; break;
            default: sum += x; break;
            }
        }
        float y = (float)sum;
        switch (p.kind) {
        case reduce_l2: y = sqrtf(y); break;
        case reduce_log_sum: y = logf(y); break;
        case reduce_log_sum_exp: y = logf(y) + peak; break;
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
