// Windows that slide over maps, each plane by itself. A gradient looks for the windows that its element lies under.

/// The taps of a window, along one axis, that lie on the map: first..<end.
static __device__ void taps(int start, int dilation, int kernel, int extent, int *first, int *end) {
    *first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    *end = start >= extent ? 0 : (extent - start + dilation - 1) / dilation;
    if (*end > kernel) *end = kernel;
}

/// The windows, along one axis, that may reach an element: first...last.
static __device__ void reaching(int at, int pad, int stride, int dilation, int kernel, int count, int *first,
                                int *last) {
    int least = at + pad - dilation * (kernel - 1);
    *first = least <= 0 ? 0 : (least + stride - 1) / stride;
    *last = (at + pad) / stride;
    if (at + pad < 0) *last = -1;
    if (*last >= count) *last = count - 1;
}

/// Calls the body with the `pixel` of each tap of the window at (oy, ox) that lies on the map, in row-major order.
#define EACH_PIXEL(w, oy, ox, pixel, body) \
    { \
        int row_first, row_end, column_first, column_end; \
        int top = (oy) * (w).stride_y - (w).pad_top, left = (ox) * (w).stride_x - (w).pad_left; \
        taps(top, (w).dilation_y, (w).kernel_height, (w).in_height, &row_first, &row_end); \
        taps(left, (w).dilation_x, (w).kernel_width, (w).in_width, &column_first, &column_end); \
        for (int ky = row_first; ky < row_end; ky++) \
            for (int kx = column_first; kx < column_end; kx++) { \
                whole pixel = (whole)(top + ky * (w).dilation_y) * (w).in_width + left + kx * (w).dilation_x; \
                body \
            } \
    }

/// Calls the body with the `pixel` of the output of each window that has a tap on the element (iy, ix).
#define EACH_WINDOW(w, iy, ix, pixel, body) \
    { \
        int row_first, row_last, column_first, column_last; \
        reaching(iy, (w).pad_top, (w).stride_y, (w).dilation_y, (w).kernel_height, (w).out_height, &row_first, \
                 &row_last); \
        reaching(ix, (w).pad_left, (w).stride_x, (w).dilation_x, (w).kernel_width, (w).out_width, &column_first, \
                 &column_last); \
        for (int oy = row_first; oy <= row_last; oy++) { \
            if ((iy + (w).pad_top - oy * (w).stride_y) % (w).dilation_y) continue; \
            for (int ox = column_first; ox <= column_last; ox++) { \
                if ((ix + (w).pad_left - ox * (w).stride_x) % (w).dilation_x) continue; \
                whole pixel = (whole)oy * (w).out_width + ox; \
                body \
            } \
        } \
    }

#define OUTPUT_PLACE(w) \
    whole out_area = (whole)(w).out_height * (w).out_width, in_area = (whole)(w).in_height * (w).in_width; \
    whole plane = over(i, out_area), pixel_of_y = i - plane * out_area; \
    int y_row = (int)over(pixel_of_y, (w).out_width), y_column = (int)rest(pixel_of_y, (w).out_width);

#define INPUT_PLACE(w) \
    whole out_area = (whole)(w).out_height * (w).out_width, in_area = (whole)(w).in_height * (w).in_width; \
    whole plane = over(i, in_area), own = i - plane * in_area; \
    int x_row = (int)over(own, (w).in_width), x_column = (int)rest(own, (w).in_width);

KERNEL(max_pool_forward) {
    EACH(i) {
        OUTPUT_PLACE(p.window)
        const float *x = p.x + plane * in_area;
        float most = -INFINITY;
        EACH_PIXEL(p.window, y_row, y_column, pixel, { most = greater(most, x[pixel]); })
        p.y[i] = most;
    }
}

/// The gradient goes to a window's first maximum.
KERNEL(max_pool_gradient) {
    EACH(i) {
        INPUT_PLACE(p.window)
        const float *x = p.x + plane * in_area;
        float sum = 0;
        EACH_WINDOW(p.window, x_row, x_column, out, {
            float most = p.y[plane * out_area + out];
            whole first = -1;
            if (x[own] == most) EACH_PIXEL(p.window, oy, ox, pixel, { if (first < 0 && x[pixel] == most) first = pixel; })
            if (first == own) sum += p.d[plane * out_area + out];
        })
        p.t[i] += sum;
    }
}

/// One over how many numbers the mean of a window is of.
static __device__ float mean_weight(const struct window *w, int oy, int ox, bool includes_padding) {
    int top = oy * w->stride_y - w->pad_top, left = ox * w->stride_x - w->pad_left, first, end, rows, columns;
    if (includes_padding) {
        rows = (w->in_height + w->pad_bottom - top + w->dilation_y - 1) / w->dilation_y;
        columns = (w->in_width + w->pad_right - left + w->dilation_x - 1) / w->dilation_x;
        rows = rows < 0 ? 0 : rows > w->kernel_height ? w->kernel_height : rows;
        columns = columns < 0 ? 0 : columns > w->kernel_width ? w->kernel_width : columns;
    } else {
        taps(top, w->dilation_y, w->kernel_height, w->in_height, &first, &end);
        rows = end > first ? end - first : 0;
        taps(left, w->dilation_x, w->kernel_width, w->in_width, &first, &end);
        columns = end > first ? end - first : 0;
    }
    int count = rows * columns;
    return 1 / (float)(count > 1 ? count : 1);
}

KERNEL(mean_pool_forward) {
    EACH(i) {
        OUTPUT_PLACE(p.window)
        const float *x = p.x + plane * in_area;
        float sum = 0;
        EACH_PIXEL(p.window, y_row, y_column, pixel, { sum += x[pixel]; })
        p.y[i] = sum * mean_weight(&p.window, y_row, y_column, p.includes_padding);
    }
}

KERNEL(mean_pool_gradient) {
    EACH(i) {
        INPUT_PLACE(p.window)
        const float *d = p.d + plane * out_area;
        float sum = 0;
        EACH_WINDOW(p.window, x_row, x_column, out, { sum += d[out] * mean_weight(&p.window, oy, ox, p.includes_padding); })
        p.t[i] += sum;
    }
}

KERNEL(norm_pool_forward) {
    EACH(i) {
        OUTPUT_PLACE(p.window)
        const float *x = p.x + plane * in_area;
        float sum = 0;
        EACH_PIXEL(p.window, y_row, y_column, pixel, { sum += powf(fabsf(x[pixel]), p.p); })
        p.y[i] = powf(sum, 1 / p.p);
    }
}

KERNEL(norm_pool_gradient) {
    EACH(i) {
        INPUT_PLACE(p.window)
        const float *d = p.d + plane * out_area, *y = p.y + plane * out_area;
        float x = p.x[i], sum = 0;
        if (x == 0) continue;
        EACH_WINDOW(p.window, x_row, x_column, out, {
            sum += (x > 0 ? d[out] : -d[out]) * powf(fabsf(x) / y[out], p.p - 1);
        })
        p.t[i] += sum;
    }
}
