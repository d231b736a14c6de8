"""A peer that stays warm: reads jobs from standard input, one a line, does each once, and answers with the milliseconds it took.

usage: peers.py pytorch|onnxruntime|openvino|openvino-default NETWORK MODEL.onnx THREADS [cpu|cuda [float32|tf32]]

Jobs: "forward N" (a batch of N); of pytorch also "gradcam", "guided", "masks N" (Score-CAM of N channels, the masked passes alone) and
"ablated N" (Ablation-CAM of N channels, the passes that ablate them and the one before), all by pytorch-grad-cam, "integrated N"
(integrated gradients of N steps, by Captum) and "rise N" (RISE of N masks, as its authors' code computes it: made beforehand, run 32 at
a time, weighted by a product), "road" (pytorch-grad-cam's ROADCombined of one map) and "insertion" (Quantus's pixel flipping of one map
in 192 steps, an image each: it takes no 224); of OpenVINO "precision", which is answered with a name. Everything is computed in float32,
but by openvino-default, which chooses itself.

Each has the settings that serve it best: PyTorch's forward pass is traced, frozen and optimised for inference, its masked and
ablated passes have the channels last, OpenVINO's shapes are fixed. On a card (PyTorch alone) images come from the host's memory and
numbers go back to it, cuDNN's algorithms are those that turn out fastest, and the forward pass has the faster of both layouts.
"""
import os
import pathlib
import signal
import sys
import time
import types
import warnings

PEER, NETWORK, MODEL, THREADS = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
DEVICE, PRECISION = (sys.argv[5:7] + ["cpu", "float32"][len(sys.argv[5:7]):])
os.environ.update(OMP_NUM_THREADS=str(THREADS), GOMP_SPINCOUNT="1000")   # long spinning loses seconds where another program computes
warnings.simplefilter("ignore")
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "oracle"))
IMAGES = np.random.default_rng(0).standard_normal((64, 3, 224, 224), dtype=np.float32)
LAYERS = {"resnet50": lambda model: model.layer4[-1], "vgg16": lambda model: model.features[-1],
          "squeezenet1_1": lambda model: model.features[-1]}


def milliseconds(body):
    begin = time.perf_counter()
    body()
    return (time.perf_counter() - begin) * 1e3


def pytorch():
    import torch
    from vision import torchvision
    from captum.attr import IntegratedGradients
    import pytorch_grad_cam.ablation_cam
    import pytorch_grad_cam.score_cam
    from pytorch_grad_cam import AblationCAM, GradCAM, GuidedBackpropReLUModel, ScoreCAM
    from pytorch_grad_cam.ablation_layer import AblationLayer
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    pytorch_grad_cam.ablation_cam.tqdm = pytorch_grad_cam.score_cam.tqdm = types.SimpleNamespace(tqdm=iter)   # no progress bars
    torch.set_num_threads(THREADS)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = PRECISION == "tf32"
    torch.backends.cudnn.benchmark = True
    model = torchvision.models.get_model(NETWORK, weights=None).eval().to(DEVICE)
    images = torch.from_numpy(IMAGES)
    if DEVICE == "cuda":
        images = images.pin_memory()
    layers = [LAYERS[NETWORK](model)] if NETWORK in LAYERS else []
    target = [ClassifierOutputTarget(0)]

    class SomeChannels(ScoreCAM):
        """Score-CAM of the first channels alone; notes how long their masked passes took."""
        def get_cam_weights(self, tensor, layer, targets, activations, grads):
            weights = np.zeros(activations.shape[:2], np.float32)

            def passes():
                weights[:, :self.channels] = super(SomeChannels, self).get_cam_weights(tensor, layer, targets, activations[:, :self.channels], grads)
            self.milliseconds = milliseconds(passes)
            return weights

    class FirstChannels(AblationLayer):
        """Has the first channels alone ablated."""
        def activations_to_be_ablated(self, activations, ratio_channels_to_ablate=1.0):
            self.indices = np.arange(self.channels)
            return self.indices

    class TimedAblationCAM(AblationCAM):
        """Notes how long its passes took."""
        def get_cam_weights(self, *arguments):
            weights = []
            self.milliseconds = milliseconds(lambda: weights.append(super(TimedAblationCAM, self).get_cam_weights(*arguments)))
            return weights[0]

    def frozen(layout):
        network = torch.jit.freeze(torch.jit.trace(model, images[:2].to(DEVICE, memory_format=layout)))
        return lambda count: network(images[:count].to(DEVICE, non_blocking=True, memory_format=layout)).cpu()

    forwards = {}

    def forward(count):
        with torch.inference_mode():
            if DEVICE == "cpu":
                if not forwards:
                    forwards[0] = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, images[:2])))
                return milliseconds(lambda: forwards[0](images[:count]))
            if count not in forwards:
                layouts = [frozen(torch.contiguous_format), frozen(torch.channels_last)]
                forwards[count] = min(layouts, key=lambda run: min(milliseconds(lambda: run(count)) for _ in range(5)))
            return milliseconds(lambda: forwards[count](count))

    def gradcam():
        with GradCAM(model=model, target_layers=layers) as cam:
            return milliseconds(lambda: cam(input_tensor=images[:1], targets=target))

    def guided():
        network = GuidedBackpropReLUModel(model=model)
        return milliseconds(lambda: network(images[:1].clone(), 0))

    def masks(count):
        with SomeChannels(model=model, target_layers=layers) as cam:
            cam.channels = count
            if DEVICE == "cuda":
                cam.batch_size = 64
            cam(input_tensor=images[:1], targets=target)
            return cam.milliseconds

    def ablated(count):
        ablation = FirstChannels()
        ablation.channels = count
        with TimedAblationCAM(model=model, target_layers=layers, ablation_layer=ablation) as cam:
            cam(input_tensor=images[:1], targets=target)
            return cam.milliseconds

    def integrated(steps):
        return milliseconds(lambda: IntegratedGradients(model).attribute(images[:1], target=0, n_steps=steps, internal_batch_size=8))

    def rise(count):
        grids = (torch.rand(count, 1, 7, 7) < 0.5).float()
        masks = torch.nn.functional.interpolate(grids, size=(256, 256), mode="bilinear")[:, 0, 16:240, 16:240].contiguous()

        def run():
            with torch.inference_mode():
                f = torch.cat([model(images[:1] * part[:, None]).softmax(1) for part in masks.split(32)])
                return f[:, :1].T @ masks.flatten(1) / (count * 0.5)
        return milliseconds(run)

    def coarse_map():
        return torch.nn.functional.interpolate(torch.rand(1, 1, 7, 7), size=(224, 224), mode="bilinear").numpy()

    def road():
        from pytorch_grad_cam.metrics.road import ROADCombined
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputSoftmaxTarget
        metric, plane = ROADCombined(), coarse_map()[0]
        return milliseconds(lambda: metric(images[:1], plane, [ClassifierOutputSoftmaxTarget(0)], model))

    def insertion():
        from quantus import PixelFlipping
        metric = PixelFlipping(features_in_step=784, perturb_baseline="black", disable_warnings=True)
        plane = coarse_map()
        return milliseconds(lambda: metric(model=model, x_batch=IMAGES[:1], y_batch=np.array([0]), a_batch=plane, device="cpu"))

    def laid_out(memory_format, jobs):
        """Jobs before which the network's weights are laid out so: gradients are fastest as PyTorch has them, passes alone with channels last."""
        return {job.__name__: lambda *counts, job=job: model.to(memory_format=memory_format) and job(*counts) for job in jobs}

    return {"forward": forward, **laid_out(torch.contiguous_format, [gradcam, guided, integrated]),
            **laid_out(torch.channels_last, [masks, ablated, rise, road, insertion])}


def onnxruntime():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.force_spinning_stop", "1")   # between passes
    session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return {"forward": lambda count: milliseconds(lambda: session.run(None, {name: IMAGES[:count]}))}


def openvino(**precision):
    import openvino

    core, requests = openvino.Core(), {}
    settings = {"INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY", **precision}

    def request(count):
        if count not in requests:   # fixed shapes are its best case
            model = core.read_model(MODEL)
            model.reshape([count, 3, 224, 224])
            requests[count] = core.compile_model(model, "CPU", settings).create_infer_request()
        return requests[count]

    def forward(count):
        one = request(count)
        return milliseconds(lambda: one.infer([IMAGES[:count]]))
    return {"forward": forward, "precision": lambda: request(1).get_compiled_model().get_property("INFERENCE_PRECISION_HINT").to_string()}


PEERS = {"pytorch": pytorch, "onnxruntime": onnxruntime, "openvino": lambda: openvino(INFERENCE_PRECISION_HINT="f32"), "openvino-default": openvino}


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)   # ends without a word where nobody waits for the answer
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)   # libraries may print; answers are alone on the pipe
    jobs = PEERS[PEER]()
    for line in sys.stdin:
        job, *counts = line.split()
        print(jobs[job](*map(int, counts)), file=answers, flush=True)


main()
