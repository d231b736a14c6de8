"""The networks of the goldens: every family, narrowed, with the layers to explain and how each exporter writes it."""
import dataclasses
import math

from torch import nn

from narrow import narrow
from vision import torchvision
import timm.layers
import timm.models   # after vision, which prepares torchvision

models = torchvision.models
CNBlockConfig, BlockParams = models.convnext.CNBlockConfig, models.regnet.BlockParams


@dataclasses.dataclass
class Network:
    name: str
    build: callable
    layer: str                     # explained by every method
    torchscript: dict              # arguments of onnx_export.export
    dynamo: dict
    size: tuple = (128, 128)       # width, height
    stride: int = 3                # the golden arrays keep every stride-th row and column
    divisor: int = 16
    more_layers: tuple = ()        # explained by gradcam and gradcam++ alone; "a,b" is the mean of two layers
    reshape: callable = lambda value: value   # from a layer's output to N x channels x height x width
    methods: tuple = ("gradcam", "gradcam++", "scorecam")   # without Score-CAM where its map hangs on rounding: weights that nearly cancel
    automatic: bool = True         # `layer` is the one to find where none is named
    pool: int = 0                  # VGG, AlexNet: their pool before the head gives pool x pool, for an input below 224

    def model(self):
        with narrow(self.divisor):
            network = self.build()
        if self.pool:
            index = next(i for i, layer in enumerate(network.classifier) if isinstance(layer, nn.Linear))
            first = network.classifier[index]
            channels = first.in_features // network.avgpool.output_size[0] ** 2
            network.classifier[index] = nn.Linear(channels * self.pool ** 2, first.out_features)
            network.avgpool = nn.AdaptiveAvgPool2d(self.pool)
        return network


def plain(name, **arguments):
    return lambda: getattr(models, name)(num_classes=10, **arguments)


def without_auxiliary(name):
    """As torchvision's pretrained ones: the input transformed inside the network, no auxiliary heads in eval mode."""
    return plain(name, aux_logits=False, transform_input=True, init_weights=False)


def dilated_resnet():
    """A short bottleneck ResNet whose last two stages keep the resolution, by dilations of 2 and 4."""
    return models.ResNet(models.resnet.Bottleneck, [1, 1, 2, 2], 10, replace_stride_with_dilation=[False, True, True])


def short_resnext():
    """ResNeXt50 32x4d with fewer blocks in each stage."""
    return models.ResNet(models.resnet.Bottleneck, [1, 2, 2, 1], 10, groups=32, width_per_group=4)


def channels_last(value):
    return value.permute(0, 3, 1, 2)


def tokens(extra):
    """From N x tokens x channels, of which the first `extra` (class, registers) are no places, to N x channels x height x width."""
    def grid(value):
        side = math.isqrt(value.shape[1] - extra)
        return value[:, extra:].reshape(value.shape[0], side, side, -1).permute(0, 3, 1, 2)
    return grid


def vision_transformer():
    return models.VisionTransformer(image_size=64, patch_size=8, num_layers=2, num_heads=2, hidden_dim=32, mlp_dim=64, num_classes=10)


def swin():
    return models.SwinTransformer([4, 4], embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4], num_classes=10)


def swin_v2():
    """Windows that the grid is padded for, and a narrow network of relative positions."""
    swin = models.swin_transformer
    network = swin.SwinTransformer([4, 4], embed_dim=8, depths=[2, 0], num_heads=[2, 2], window_size=[3, 3], num_classes=10,
                                   block=swin.SwinTransformerBlockV2, downsample_layer=swin.PatchMergingV2)
    for module in network.modules():
        if isinstance(module, swin.ShiftedWindowAttentionV2):
            module.cpb_mlp = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2, bias=False))
    return network


def efficientnet_v2():
    fused, depthwise = models.efficientnet.FusedMBConvConfig, models.efficientnet.MBConvConfig
    blocks = [fused(1, 3, 1, 8, 8, 1), fused(4, 3, 2, 8, 8, 2), depthwise(4, 3, 2, 8, 16, 1), depthwise(4, 3, 2, 16, 16, 2)]
    return models.EfficientNet(blocks, dropout=0, last_channel=64, num_classes=10)


VIT = dict(num_classes=10, embed_dim=16, num_heads=2, mlp_ratio=2, init_values=0.5)   # of timm, over 64 x 64 pixels in patches of 8


def vit_registers():
    """Four registers, no class token, and the mean of the other tokens as features."""
    return timm.models.VisionTransformer(64, 8, depth=2, class_token=False, reg_tokens=4, no_embed_class=True, global_pool="avg", **VIT)


def cait():
    """The class token joins behind the blocks, and attends to their tokens twice."""
    return timm.models.Cait(64, 8, depth=1, depth_token_only=2, mlp_ratio_token_only=2, **VIT)


def mixer():
    return timm.models.MlpMixer(num_classes=10, img_size=64, patch_size=8, num_blocks=2, embed_dim=16, mlp_ratio=(0.25, 2))


def nfnet():
    """Weights that are standardised as the network runs, and channel attention by a convolution along the channels."""
    blocks = timm.models.nfnet.NfCfg(depths=(1, 1, 1, 1), channels=(8, 8, 16, 16), stem_type="3x3", stem_chs=8, group_size=4,
                                     bottle_ratio=0.5, num_features=24, act_layer="silu", attn_layer="eca", attn_kwargs={})
    return timm.models.NormFreeNet(blocks, num_classes=10)


def convnext():
    return models.ConvNeXt([CNBlockConfig(16, 32, 2), CNBlockConfig(32, 48, 2), CNBlockConfig(48, None, 1)], layer_scale=0.5, num_classes=10)


def regnet():
    parameters = BlockParams.from_init_params(depth=5, w_0=16, w_a=8.0, w_m=2.0, group_width=8, se_ratio=0.25)
    return models.RegNet(parameters, num_classes=10)


def maxvit():
    return models.MaxVit((64, 64), stem_channels=16, block_channels=[16, 32], block_layers=[1, 1], head_dim=8, stochastic_depth_prob=0.0,
                         partition_size=4, num_classes=10)


BOTH = dict(torchscript=dict(opset=17, dynamic_batch=True), dynamo=dict(opset=18, dynamic_batch=True))
FIXED = dict(torchscript=dict(opset=17, dynamic_batch=False), dynamo=dict(opset=18, dynamic_batch=False))

ALL = [
    Network("resnet18", plain("resnet18"), "layer4[-1]", more_layers=("layer2[-1]", "layer3.0.bn1", "layer3[-1],layer4[-1]"),
            torchscript=dict(opset=9, dynamic_batch=True, keep_batch_norm=True),
            dynamo=dict(opset=18, dynamic_batch=True, external_data=True)),
    Network("resnet50", plain("resnet50"), "layer4[-1]", more_layers=("layer3[-1]", "layer4[0]"),
            torchscript=dict(opset=11, dynamic_batch=True), dynamo=dict(opset=18, dynamic_batch=True)),
    Network("resnet_dilated", dilated_resnet, "layer4[-1]", size=(96, 64), stride=2,
            torchscript=dict(opset=10, dynamic_batch=False, dynamic_size=True),
            dynamo=dict(opset=20, dynamic_batch=True, dynamic_size=True)),
    Network("wide_resnet50_2", plain("wide_resnet50_2"), "layer4[-1]", divisor=32,
            torchscript=dict(opset=13, dynamic_batch=False), dynamo=dict(opset=19, dynamic_batch=False)),
    Network("resnext", short_resnext, "layer4[-1]",
            torchscript=dict(opset=12, dynamic_batch=True), dynamo=dict(opset=21, dynamic_batch=True)),
    Network("vgg11", plain("vgg11"), "features[-1]", pool=3, size=(96, 96), more_layers=("features.18", "features.19"),
            torchscript=dict(opset=9, dynamic_batch=True), dynamo=dict(opset=18, dynamic_batch=False)),
    Network("vgg16", plain("vgg16"), "features.28", automatic=False, size=(224, 224), stride=5, divisor=32,
            more_layers=("features[-1]", "features.23"), torchscript=dict(opset=14, dynamic_batch=True), dynamo=dict(opset=20, dynamic_batch=True)),
    Network("vgg16_bn", plain("vgg16_bn"), "features[-1]", pool=4, divisor=32, more_layers=("features.42",),
            torchscript=dict(opset=12, dynamic_batch=False, keep_batch_norm=True), dynamo=dict(opset=19, dynamic_batch=True)),
    Network("alexnet", plain("alexnet"), "features[-1]", size=(224, 224), stride=5, more_layers=("features.11",),
            torchscript=dict(opset=9, dynamic_batch=True), dynamo=dict(opset=18, dynamic_batch=True)),
    Network("squeezenet1_0", plain("squeezenet1_0"), "features[-1]", divisor=8, more_layers=("features.9",),
            torchscript=dict(opset=10, dynamic_batch=True, dynamic_size=True), dynamo=dict(opset=21, dynamic_batch=True)),
    Network("squeezenet1_1", plain("squeezenet1_1"), "features.12", divisor=8, size=(80, 112), stride=2,
            torchscript=dict(opset=13, dynamic_batch=False), dynamo=dict(opset=18, dynamic_batch=True, dynamic_size=True)),
    Network("densenet", lambda: models.DenseNet(block_config=(3, 6, 8, 4), num_classes=10), "features[-1]", automatic=False,
            more_layers=("features.denseblock3",), torchscript=dict(opset=15, dynamic_batch=True), dynamo=dict(opset=20, dynamic_batch=True)),
    Network("mnasnet1_0", plain("mnasnet1_0"), "layers[-1]", divisor=8, more_layers=("layers.10",),
            torchscript=dict(opset=16, dynamic_batch=True), dynamo=dict(opset=18, dynamic_batch=False)),
    Network("mobilenet_v2", plain("mobilenet_v2"), "features[-1]", divisor=8, size=(128, 96), more_layers=("features[14]",),
            torchscript=dict(opset=11, dynamic_batch=True, dynamic_size=True), dynamo=dict(opset=21, dynamic_batch=True)),
    Network("googlenet", without_auxiliary("googlenet"), "inception5b", more_layers=("inception4e",),
            torchscript=dict(opset=17, dynamic_batch=True), dynamo=dict(opset=19, dynamic_batch=True)),
    Network("inception_v3", without_auxiliary("inception_v3"), "Mixed_7c", size=(160, 160), divisor=32, more_layers=("Mixed_6e",),
            torchscript=dict(opset=14, dynamic_batch=True), dynamo=dict(opset=18, dynamic_batch=True)),
    Network("vit", vision_transformer, "encoder.layers[-1].ln_1", size=(64, 64), stride=2, divisor=1, reshape=tokens(1),
            torchscript=dict(opset=14, dynamic_batch=True), dynamo=dict(opset=18, dynamic_batch=True)),
    Network("swin", swin, "norm", size=(64, 64), stride=2, divisor=1, reshape=channels_last, methods=("gradcam", "gradcam++"), **BOTH),
    Network("swin_v2", swin_v2, "norm", size=(64, 64), stride=3, divisor=1, reshape=channels_last, methods=("gradcam", "gradcam++"), **FIXED),
    Network("maxvit", maxvit, "blocks[-1]", size=(64, 64), stride=2, divisor=1, **BOTH),
    Network("convnext", convnext, "features[-1]", size=(96, 64), stride=2, divisor=1, **BOTH),
    Network("efficientnet_b0", plain("efficientnet_b0"), "features[-1]", size=(96, 64), stride=2, divisor=16, **BOTH),
    Network("mobilenet_v3_small", plain("mobilenet_v3_small"), "features[-1]", size=(96, 64), stride=2, divisor=8,
            methods=("gradcam", "gradcam++"), **BOTH),
    Network("regnet", regnet, "trunk_output[-1]", size=(96, 64), stride=2, divisor=1, **BOTH),
    Network("shufflenet_v2", lambda: models.ShuffleNetV2([2, 3, 2], [8, 16, 32, 64, 64], num_classes=10), "conv5", size=(96, 64), stride=2,
            divisor=1, **BOTH),
    Network("efficientnet_v2", efficientnet_v2, "features[-1]", size=(96, 64), stride=4, divisor=1, **BOTH),
    Network("timm_vit_registers", vit_registers, "blocks[-1]", size=(64, 64), stride=3, divisor=1, reshape=tokens(4), **FIXED),
    Network("timm_mixer", mixer, "norm", size=(64, 64), stride=3, divisor=1, reshape=tokens(0), **FIXED),
    Network("timm_cait", cait, "blocks[-1]", size=(64, 64), stride=4, divisor=1, reshape=tokens(0), **FIXED),
    Network("timm_nfnet", nfnet, "final_act", size=(96, 64), stride=4, divisor=1, **FIXED),
]
