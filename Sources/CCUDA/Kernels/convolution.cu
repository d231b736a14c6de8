// Convolutions where cuDNN is not: as products of columns, and of many groups directly.

KERNEL(image_to_columns) {
    EACH(i) {
        const struct window *w = &p.window;
        whole out_area = (whole)w->out_height * w->out_width, in_area = (whole)w->in_height * w->in_width;
        whole row = over(i, out_area), pixel = i - row * out_area;
        int oy = (int)over(pixel, w->out_width), ox = (int)rest(pixel, w->out_width);
        whole channel = over(row, w->kernel_height * w->kernel_width);
        int ky = (int)rest(over(row, w->kernel_width), w->kernel_height), kx = (int)rest(row, w->kernel_width);
        int iy = oy * w->stride_y - w->pad_top + ky * w->dilation_y;
        int ix = ox * w->stride_x - w->pad_left + kx * w->dilation_x;
        bool inside = iy >= 0 && iy < w->in_height && ix >= 0 && ix < w->in_width;
        p.columns[i] = inside ? p.x[channel * in_area + (whole)iy * w->in_width + ix] : 0;
    }
}

KERNEL(columns_to_image) {
    EACH(i) {
        INPUT_PLACE(p.window)
        const struct window *w = &p.window;
        const float *columns = p.columns + plane * w->kernel_height * w->kernel_width * out_area;
        float sum = 0;
        EACH_WINDOW(p.window, x_row, x_column, out, {
            int ky = (x_row + w->pad_top - oy * w->stride_y) / w->dilation_y;
            int kx = (x_column + w->pad_left - ox * w->stride_x) / w->dilation_x;
            sum += columns[(ky * w->kernel_width + kx) * out_area + out];
        })
        p.t[i] += sum;
    }
}

KERNEL(convolve_forward) {
    EACH(i) {
        OUTPUT_PLACE(p.window)
        whole channel = plane % (p.groups * (whole)p.out_channels), image = plane / (p.groups * (whole)p.out_channels);
        const struct window *w = &p.window;
        whole area = w->kernel_height * w->kernel_width, group = channel / p.out_channels;
        const float *x = p.x + (image * p.groups + group) * p.in_channels * in_area;
        const float *weights = p.w + channel * p.in_channels * area;
        float sum = 0;
        for (int c = 0; c < p.in_channels; c++)
            EACH_PIXEL(p.window, y_row, y_column, pixel, {
                sum += weights[c * area + ky * w->kernel_width + kx] * x[c * in_area + pixel];
            })
        p.y[i] = p.adds ? p.y[i] + sum : sum;
    }
}

KERNEL(convolve_gradient) {
    EACH(i) {
        INPUT_PLACE(p.window)
        whole channel = plane % (p.groups * (whole)p.in_channels), image = plane / (p.groups * (whole)p.in_channels);
        const struct window *w = &p.window;
        whole area = w->kernel_height * w->kernel_width, group = channel / p.in_channels;
        const float *d = p.d + (image * p.groups + group) * p.out_channels * out_area;
        const float *weights = p.w + (group * p.out_channels * p.in_channels + channel % p.in_channels) * area;
        float sum = 0;
        for (int c = 0; c < p.out_channels; c++)
            EACH_WINDOW(p.window, x_row, x_column, out, {
                int ky = (x_row + w->pad_top - oy * w->stride_y) / w->dilation_y;
                int kx = (x_column + w->pad_left - ox * w->stride_x) / w->dilation_x;
                sum += weights[c * p.in_channels * area + ky * w->kernel_width + kx] * d[c * out_area + out];
            })
        p.t[i] += sum;
    }
}
