// Functions of two and three numbers, with ONNX's broadcasting.

static __device__ float binary_value(int kind, float a, float b) {
    switch (kind) {
    case binary_add: return a + b;
    case binary_sub: return a - b;
    case binary_mul: return a * b;
    case binary_div: return a / b;
    case binary_pow: return powf(a, b);
    case binary_min: return lesser(a, b);
    case binary_max: return greater(a, b);
    case binary_fmod: return fmodf(a, b);
    case binary_mod: {
        float rest = fmodf(a, b);
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    case binary_prelu: return a > 0 ? a : a * b;
    case binary_equal: return a == b;
    case binary_greater: return a > b;
    case binary_greater_or_equal: return a >= b;
    case binary_less: return a < b;
    case binary_less_or_equal: return a <= b;
    case binary_and: return a != 0 && b != 0;
    case binary_or: return a != 0 || b != 0;
    default: return (a != 0) != (b != 0);
    }
}

KERNEL(binary_forward) {
    EACH(i) {
        whole at[2];
        places(&p.walk, i, 2, at);
        p.y[i] = binary_value(p.kind, p.a[at[0]], p.b[at[1]]);
    }
}

/// What of the gradient d at the output y = f(a, b) goes to the operand that `kind` names.
static __device__ float shared(int kind, float d, float a, float b, float y) {
    switch (kind) {
    case share_negative: return -d;
    case share_mul: return d * b;
    case share_div_a: return d / b;
    case share_div_b: return -d * y / b;
    case share_pow_a: return d * b * powf(a, b - 1);
    case share_pow_b: return d * y * logf(a);
    case share_min: return a == b ? d / 2 : a < b ? d : 0;
    case share_max: return a == b ? d / 2 : a > b ? d : 0;
    case share_fmod_b: return -d * truncf(a / b);
    case share_mod_b: return -d * floorf(a / b);
    case share_prelu_a: return a > 0 ? d : d * b;
    case share_prelu_b: return a > 0 ? 0 : d * a;
    case share_where: return a != 0 ? d : 0;
    case share_where_not: return a != 0 ? 0 : d;
    default: return d;
    }
}

KERNEL(binary_gradient) {
    EACH(i) {
        whole first[3], next[3];
        double sum = 0;
        places(&p.outer, over(i, p.parts), 3, first);
        for (whole j = rest(i, p.parts); j < p.inner_count; j += p.parts) {
            places(&p.inner, j, 3, next);
            whole out = first[0] + next[0];
            sum += shared(p.kind, p.d[out], p.a ? p.a[first[1] + next[1]] : 0, p.b ? p.b[first[2] + next[2]] : 0,
                          p.y ? p.y[out] : 0);
        }
        if (p.sums) p.sums[i] = sum;
        else p.t[i] += p.factor * (float)sum;
    }
}

KERNEL(binary_join) {
    EACH(i) {
        double sum = 0;
        for (whole k = 0; k < p.parts; k++) sum += p.sums[i * p.parts + k];
        p.t[i] += p.factor * (float)sum;
    }
}

KERNEL(where_forward) {
    EACH(i) {
        whole at[3];
        places(&p.walk, i, 3, at);
        p.y[i] = p.c[at[0]] != 0 ? p.a[at[1]] : p.b[at[2]];
    }
}
