"""Maps by methods that run a network again from a layer: the oracle's where it has them, the papers' formulas in PyTorch where not."""
import types

import vision  # before pytorch_grad_cam, which imports torchvision too
import numpy as np
import torch
import pytorch_grad_cam.ablation_cam
from torch.nn.attention import SDPBackend, sdpa_kernel
from pytorch_grad_cam import AblationCAM, ShapleyCAM
from pytorch_grad_cam.ablation_layer import AblationLayer
from pytorch_grad_cam.base_cam import BaseCAM

pytorch_grad_cam.ablation_cam.tqdm = types.SimpleNamespace(tqdm=iter)   # no progress bars


class Zeroed(AblationLayer):
    """Gives what the layer gave, one channel set to zero, as in the paper. (The oracle's own writes the least activation - 1e7
    where any is negative.) Channels stand last where a reshape brings them to the front."""

    def __init__(self, axis):
        super().__init__()
        self.axis = axis

    def set_next_batch(self, input_batch_index, activations, num_channels_to_ablate):
        self.activations = activations[input_batch_index:input_batch_index + num_channels_to_ablate].clone()

    def __call__(self, *_):
        self.activations.select(self.axis, int(self.indices[0])).zero_()
        return self.activations


class ZeroAblationCAM(AblationCAM):
    def __init__(self, model, target_layers, reshape_transform=None):
        spatial = reshape_transform is None or reshape_transform(torch.zeros(1, 2, 4, 4)).shape == (1, 2, 4, 4)
        super().__init__(model, target_layers, reshape_transform, Zeroed(1 if spatial else -1), batch_size=1)


class ReciproCAM(BaseCAM):
    """M at a place = Y with A kept at that place alone, all others zero; what is no place (a class token) stays; M - min M, which
    rectifying leaves alone. Byun and Lee, arXiv 2209.14074, eq. 1-3, without the Gaussian; arXiv 2310.02588, section 3, for tokens."""

    def __init__(self, model, target_layers, reshape_transform=None):
        super().__init__(model, target_layers, reshape_transform, uses_gradients=False)
        self.reshape = reshape_transform or (lambda value: value)

    def get_cam_image(self, input_tensor, target_layer, targets, activations, grads, eigen_smooth=False):
        height, width = activations.shape[2:]
        plane = np.zeros((1, height * width), activations.dtype)

        def keep(place):
            def replaced(_, inputs, output):
                map_of = self.reshape(torch.arange(output.numel()).reshape(output.shape))[0].flatten(1)
                kept = output.flatten().clone()
                kept[map_of.flatten()] = 0
                kept[map_of[:, place]] = output.flatten()[map_of[:, place]]
                return kept.reshape(output.shape)
            return replaced

        for place in range(height * width):
            handle = target_layer.register_forward_hook(keep(place))
            with torch.no_grad():
                plane[0, place] = targets[0](self.model(input_tensor)[0]).item()
            handle.remove()
        return (plane - plane.min()).reshape(1, height, width)


class ReshapedShapleyCAM(ShapleyCAM):
    """The oracle's, which reshapes weights but no activations, takes no second derivative of fused attention, and detaches views
    where it ends."""

    def __init__(self, model, target_layers, reshape_transform=None):
        super().__init__(model, target_layers, reshape_transform)
        self.reshape = reshape_transform or (lambda value: value)
        self.activations_and_grads.clear = lambda: None

    def forward(self, *arguments, **options):
        with sdpa_kernel(SDPBackend.MATH):
            return super().forward(*arguments, **options)

    def get_cam_image(self, input_tensor, target_layer, targets, activations, grads, eigen_smooth=False):
        weights = self.get_cam_weights(input_tensor, target_layer, targets, activations, grads)
        return (weights[:, :, None, None] * self.reshape(activations).detach().numpy()).sum(1)


SUFFIX = {"ablationcam": ZeroAblationCAM, "reciprocam": ReciproCAM, "shapleycam": ReshapedShapleyCAM}
