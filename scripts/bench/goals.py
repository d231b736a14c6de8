"""What is aimed at: ratios of medians, ours against another's, unless said otherwise."""
import pathlib

HAS_AMX = "amx_tile" in pathlib.Path("/proc/cpuinfo").read_text()

FORWARD = {   # against the fastest peer: (without AMX, with it)
    "resnet50": (1.15, 1.4), "vgg16": (1.9, 2.2), "densenet121": (1.15, 1.4), "mobilenet_v2": (1.1, 1.1),
    "efficientnet_b0": (1.1, 1.1), "convnext_tiny": (1.1, 1.1), "vit_b_16": (1.1, 1.1), "swin_t": (1.1, 1.1),
}
SHARED = ["resnet50", "vgg16", "densenet121", "mobilenet_v2"]   # whose gradient and shared pass have goals

# Warm, against pytorch-grad-cam, Captum and Quantus.
GRADCAM = {"resnet50": 6, "vgg16": 5}
GUIDED = {"resnet50": 6, "vgg16": 4}
SCORECAM = 3
ABLATIONCAM = {"resnet50": 300, "vgg16": 20}
INPUT = {"integrated": 1.5, "rise": 2}
METRICS = {"insertion": 1.5, "road": 5}

# Of whole processes: times as fast as pytorch-grad-cam, megabytes.
WHOLE_SCORECAM, SCORECAM_MEMORY = 5, {"resnet50": 400, "vgg16": 450}
ABLATIONCAM_MEMORY = 600
PHOTO, PHOTO_MEMORY = 50, 150
PICTURES, PICTURES_SECONDS, PICTURES_MEMORY = 5, 0.3, 60   # the memory beside the decoded photo's
FOLDER = 0.9   # of what the cores could do, by the sum of the stages
COLD_START = 60   # milliseconds


def forward(network):
    return FORWARD[network][HAS_AMX]


# A verdict: whether a goal is met; None where the quartiles of the ratio or time lie on both sides of it.
def at_least(goal, low, high):
    return True if low >= goal else None if high >= goal else False


def at_most(goal, low, high):
    return True if high <= goal else None if low <= goal else False


def all_of(*verdicts):
    return False if False in verdicts else None if None in verdicts else True
