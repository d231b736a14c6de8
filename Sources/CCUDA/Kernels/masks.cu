// An image under masks: channels of a map, each enlarged and brought to 0...1. Wang et al. 2020, eq. 4-5.

KERNEL(mask_enlarge) {
    EACH(i) {
        int x = (int)(i % p.width), y = (int)(i / p.width % p.height);
        const float *map = p.map + i / (p.width * p.height) * p.map_height * p.map_width;
        float step_y = p.height > 1 ? (float)(p.map_height - 1) / (float)(p.height - 1) : 0;
        float step_x = p.width > 1 ? (float)(p.map_width - 1) / (float)(p.width - 1) : 0;
        float at_y = step_y * (float)y, at_x = step_x * (float)x;
        whole top = (whole)at_y, left = (whole)at_x;
        if (top > p.map_height - 1) top = p.map_height - 1;
        if (left > p.map_width - 1) left = p.map_width - 1;
        whole bottom = top + 1 < p.map_height ? top + 1 : top, right = left + 1 < p.map_width ? left + 1 : left;
        float down = at_y - (float)top, across = at_x - (float)left;
        const float *upper = map + top * p.map_width, *lower = map + bottom * p.map_width;
        float above = upper[left] * (1 - across) + upper[right] * across;
        float below = lower[left] * (1 - across) + lower[right] * across;
        p.masks[i] = above * (1 - down) + below * down;
    }
}

KERNEL(mask_apply) {
    EACH(i) {
        whole pixel = i % p.area, in_image = i % (p.channels * p.area), k = i / (p.channels * p.area);
        p.images[i] = p.image[in_image] * ((p.masks[k * p.area + pixel] - p.ranges[2 * k]) / p.ranges[2 * k + 1]);
    }
}
