#include "loops/vectors.h"

#include "loops/functions.h"
#include "loops/channels.h"
#include "loops/pairs.h"
#include "loops/rows.h"
#include "loops/unfold.h"
#include "loops/depthwise.h"
#include "loops/winograd.h"

const struct kernels gradcam_baseline = {LOOPS};
