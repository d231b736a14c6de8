"""The networks that crosscheck_all.py compares: torchvision's classifiers and timm's families, with the layers to explain and random weights.

A name is torchvision's own, `timm/NAME` for timm's, and `timm/NAME/fused` for one whose branches are merged into single convolutions.
"""
import dataclasses

import torch
from torch import nn

from narrow import calibrate, masked
from networks import channels_last, tokens
from vision import torchvision
import timm.utils   # after vision, which prepares torchvision


@dataclasses.dataclass
class Family:
    named: str                                # the layer that people name
    automatic: str = ""                       # the module whose output the layer found by itself has to equal; "": the named one
    reshape: callable = lambda value: value   # from the named layer's output to N x channels x height x width
    automatic_reshape: callable = None        # from the automatic one's, where that lies otherwise


TORCHVISION = {   # by how the networks' names begin
    "alexnet": Family("features[-1]"), "convnext": Family("features[-1]"), "densenet": Family("features[-1]", "relu"),
    "efficientnet": Family("features[-1]"), "googlenet": Family("inception5b"), "inception": Family("Mixed_7c"), "maxvit": Family("blocks[-1]"),
    "mnasnet": Family("layers[-1]"), "mobilenet": Family("features[-1]"), "regnet": Family("trunk_output[-1]"), "resnet": Family("layer4[-1]"),
    "resnext": Family("layer4[-1]"), "wide": Family("layer4[-1]"), "shufflenet": Family("conv5"), "squeezenet": Family("features[-1]"),
    "swin": Family("features[-1][-1].norm1", "norm", channels_last), "vgg": Family("features[-1]"),
    "vit": Family("encoder.layers[-1].ln_1", reshape=tokens(1)),
}
TIMM = [
    (Family("stages[-1]"), """convnextv2_atto convnext_atto mobileone_s0 mobileone_s0/fused repvgg_a0 repvgg_a0/fused poolformer_s12
     edgenext_xx_small mobilevitv2_050 cspresnet50 cspdarknet53 vovnet39a ese_vovnet19b_slim_dw inception_next_atto halonet26t
     lambda_resnet26t botnet26t_256 bat_resnext26ts efficientvit_m0 davit_tiny gcvit_xxtiny tiny_vit_5m_224 fasternet_t0 hgnetv2_b0
     repvit_m0_9 repvit_m0_9/fused pvt_v2_b0 swinv2_cr_tiny_ns_224 shvit_s1"""),
    (Family("stages[-1]", "final_act"), "dm_nfnet_f0 nf_regnet_b0 eca_nfnet_l0"),
    (Family("stages[-1]", "final_conv"), "mobilevit_xxs fastvit_t8 fastvit_t8/fused gernet_s"),
    # Before its group norm, whose gradients cancel, PyTorch's own float32 map is off by 1e-3.
    (Family("norm"), "resnetv2_50x1_bit"),
    (Family("stages[-1]", "norm"), """resnetv2_50 coatnet_pico_rw_224 maxvit_rmlp_pico_rw_256 starnet_s050 nextvit_small efficientformerv2_s0
     swiftformer_xs"""),
    (Family("stages[-1]", "norm", tokens(0)), "efficientformer_l1"),
    (Family("stages[-1]", "head.in_conv"), "efficientvit_b0"),
    (Family("stages[-1]", reshape=tokens(0)), "levit_128s"),
    (Family("stages[-1].blocks[-1].norm1", "norm", tokens(0)), "mvitv2_tiny"),
    (Family("s4", "final_conv"), "regnetz_005"),
    (Family("stage3[-1]", "norm"), "visformer_tiny"),
    (Family("blocks[-1]"), "mobilenetv3_small_050 mobilenetv4_conv_small_050 ghostnet_050 hardcorenas_a lcnet_050 xception41 convmixer_768_32"),
    (Family("blocks[-1]", "bn2"), """efficientnet_lite0 tf_efficientnet_b0 tf_efficientnetv2_b0 tinynet_e semnasnet_075 fbnetc_100 spnasnet_100
     mixnet_s"""),
    (Family("blocks[-1]", "norm", tokens(0)), "mixer_s32_224 gmlp_ti16_224 resmlp_12_224"),
    (Family("blocks[-1][-1]", "norm", tokens(0)), "twins_svt_small twins_pcpvt_small"),
    (Family("blocks[-1].norm1", reshape=tokens(1)), "deit_tiny_patch16_224 deit3_small_patch16_224 convit_tiny vit_tiny_r_s16_p8_224"),
    (Family("blocks[-1].norm1", "blocks[-1]", tokens(1)), "beit_base_patch16_224 eva02_tiny_patch14_224"),
    (Family("blocks[-1].norm1", "blocks[-1]", tokens(4)), "vit_little_patch16_reg4_gap_256"),
    (Family("blocks[-1].norm_out", reshape=tokens(1)), "tnt_s_patch16_224"),
    (Family("blocks[-1]", reshape=tokens(0)), "cait_xxs24_224"),
    (Family("blocks[-1]", "cls_attn_blocks[-1].norm1", tokens(0), tokens(1)), "xcit_nano_12_p16_224"),
    (Family("transformers[-1].blocks[-1].norm1", reshape=tokens(1)), "pit_ti_224"),
    (Family("serial_blocks4[-1].norm1", reshape=tokens(1)), "coat_lite_tiny"),
    (Family("post_network[0]", "norm", tokens(1)), "volo_d1_224"),
    (Family("layers[-1].blocks[-1].norm1", "norm", channels_last), "swin_tiny_patch4_window7_224 swinv2_tiny_window8_256"),
    (Family("layers[-1]", "norm"), "focalnet_tiny_srf"),
    (Family("norm", reshape=channels_last), "nest_tiny"),
    (Family("stages[-1]", reshape=channels_last), "mambaout_femto"),
    (Family("layer4[-1]"), "res2net50_26w_4s resnest14d seresnet18 skresnet18 ecaresnet26t resnet18d"),
    (Family("body.layer4[-1]"), "tresnet_m"),
    (Family("features[-1]"), "rexnet_100 inception_v4 dpn48b"),
    (Family("final_layer"), "hrnet_w18_small"),
    (Family("level5"), "dla46_c"),
    (Family("head[-1]"), "selecsls42"),
    (Family("act4"), "legacy_xception"),
]
FAMILIES = {f"timm/{name}": family for family, names in TIMM for name in names.split()}


def family(name):
    if name.startswith("timm/"):
        return FAMILIES[name]
    return TORCHVISION[next(key for key in sorted(TORCHVISION, key=len, reverse=True) if name.startswith(key))]


def torchvision_names():
    """Every classifier, the smallest first."""
    every = torchvision.models.list_models(module=torchvision.models)
    return sorted(every, key=lambda name: torchvision.models.get_model_weights(name).DEFAULT.meta["num_params"])


def _made(name):
    if not name.startswith("timm/"):
        extras = {"aux_logits": False, "transform_input": True, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
        return torchvision.models.get_model(name, weights=None, **extras), 299 if name == "inception_v3" else 224
    timm.layers.set_exportable(True)
    model = timm.create_model(name.split("/")[1])
    return model, model.default_cfg["input_size"][1]


def _normalises_by_photo(model):
    return any(isinstance(module, (nn.LayerNorm, nn.GroupNorm)) or "Std" in type(module).__name__ for module in model.modules())


def build(name, tensors_of):
    """(the network with random weights, in eval mode; its input size).

    Networks that normalise each photo or their weights by themselves keep the weights that the library draws: their logits would hardly
    differ between photos, and calibration would enlarge nothing but rounding.

    tensors_of: gives the inputs, each 1 x 3 x size x size, for a size.
    """
    torch.manual_seed(0)
    model, size = _made(name)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.abs().max() < 1e-3:   # one that begins at nothing would hide what it scales
                parameter.normal_(0, 0.1 if key.endswith("bias") else 0.5)
    for module in model.modules():   # the oracle keeps a layer's output by reference
        if getattr(module, "inplace", False):
            module.inplace = False
    if _normalises_by_photo(model):
        head = [module for module in model.modules() if isinstance(module, (nn.Conv2d, nn.Linear))][-1]
        with torch.no_grad():
            head.weight.normal_()
    else:
        calibrate(model, masked(torch.cat(tensors_of(size)), 2), seed=1)
    if name.endswith("/fused"):
        model = timm.utils.reparameterize_model(model)
    return model.eval(), size


class DenseNet(nn.Module):
    """torchvision's DenseNet with the relu behind its features as a module of its own."""

    def __init__(self, network):
        super().__init__()
        self.features, self.relu, self.classifier = network.features, nn.ReLU(), network.classifier

    def forward(self, x):
        return self.classifier(self.relu(self.features(x)).mean((2, 3)))


def with_automatic(name, model):
    """The same network, of which every layer to explain is a module."""
    return DenseNet(model) if name.startswith("densenet") else model
