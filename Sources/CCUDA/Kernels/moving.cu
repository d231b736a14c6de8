// What moves numbers, or weighs them along one axis.

KERNEL(copy_elements) {
    EACH(i) {
        whole at[2];
        places(&p.walk, i, 2, at);
        if (p.adds) p.to[at[1]] += p.from[at[0]];
        else p.to[at[1]] = p.from[at[0]];
    }
}

KERNEL(resample_axis) {
    EACH(i) {
        whole line = over(i, p.inner), outer = over(line, p.size), j = line - outer * p.size;
        const float *x = p.x + outer * p.extent * p.inner + (i - line * p.inner);
        float sum = 0;
        for (int k = p.starts[j]; k < p.starts[j + 1]; k++) sum += p.weights[k] * x[p.indices[k] * p.inner];
        p.y[i] = p.adds ? p.y[i] + sum : sum;
    }
}

KERNEL(fill_outside) {
    EACH(i) {
        whole left = i;
        bool outside = false;
        for (int axis = p.walk.rank - 1; axis >= 0; axis--) {
            whole index = rest(left, p.walk.extents[axis]), flags = p.walk.strides[0][axis];
            left = over(left, p.walk.extents[axis]);
            outside = outside || (flags >= 0 && p.flags[flags + index]);
        }
        if (outside) p.y[i] = p.value;
    }
}

KERNEL(triangle) {
    EACH(i) {
        whole row = i / p.columns % p.rows, column = i % p.columns;
        bool keeps = p.upper ? column - row >= p.diagonal : column - row <= p.diagonal;
        if (!p.adds) p.y[i] = keeps ? p.x[i] : 0;
        else if (keeps) p.y[i] += p.x[i];
    }
}

KERNEL(running_sum) {
    EACH(line) {
        whole start = line / p.inner * p.extent * p.inner + line % p.inner;
        float sum = 0;
        for (whole step = 0; step < p.extent; step++) {
            whole i = start + (p.reversed ? p.extent - 1 - step : step) * p.inner;
            float before = sum;
            sum += p.x[i];
            p.y[i] = (p.adds ? p.y[i] : 0) + (p.exclusive ? before : sum);
        }
    }
}
