"""What `gradcam PHOTO` does, written with pytorch-grad-cam as its documentation shows: class, Grad-CAM, guided
backpropagation and both combined, as three JPEG files.

usage: one_photo.py NETWORK.pth PHOTO FOLDER THREADS [files | pictures | imports | folder [cpu | cuda [float32 | tf32]]]

NETWORK.pth, a state dict of torchvision's network of that name, is made with random numbers where it is missing.

With "pictures" it stays warm: for every line of standard input it makes the pictures again from the finished maps, and answers with the
milliseconds that this took. With "imports" it ends when all modules are imported. With "folder" PHOTO is a folder, of each of whose
photos it makes the class, Grad-CAM and its picture.
"""
import os
import pathlib
import sys
import time

WEIGHTS, PHOTO, FOLDER, THREADS = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4])
os.environ.update(OMP_NUM_THREADS=str(THREADS), GOMP_SPINCOUNT="1000")   # long spinning loses seconds where another program computes
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "oracle"))
import cv2
import numpy as np
import torch
from vision import torchvision
from pytorch_grad_cam import GradCAM, GuidedBackpropReLUModel
from pytorch_grad_cam.utils.image import deprocess_image, preprocess_image, show_cam_on_image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

MODE, DEVICE, PRECISION = (sys.argv[5:8] + ["files", "cpu", "float32"][len(sys.argv[5:8]):])
if MODE == "imports":
    sys.exit()
cv2.setNumThreads(THREADS)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = PRECISION == "tf32"
torch.backends.cudnn.benchmark = MODE == "folder"   # of which one photo gains nothing
model = torchvision.models.get_model(WEIGHTS.stem, weights=None)
if not WEIGHTS.exists():
    torch.save(model.state_dict(), WEIGHTS)
model.load_state_dict(torch.load(WEIGHTS, map_location="cpu", weights_only=True))
model.eval().to(DEVICE)
layer = model.layer4[-1] if hasattr(model, "layer4") else model.features[-1]


def read(path):
    photo = cv2.imread(str(path))[:, :, ::-1]
    tensor = preprocess_image(np.float32(cv2.resize(photo, (224, 224))) / 255, mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    return photo, tensor.to(DEVICE)


if MODE == "folder":
    with GradCAM(model=model, target_layers=[layer]) as cam:   # of the best class
        for path in sorted(pathlib.Path(PHOTO).iterdir()):
            photo, tensor = read(path)
            mask = cv2.resize(cam(input_tensor=tensor, targets=None)[0], photo.shape[1::-1])
            cv2.imwrite(str(FOLDER / path.name), show_cam_on_image(np.float32(photo) / 255, mask, use_rgb=True)[:, :, ::-1])
    sys.exit()
photo, tensor = read(PHOTO)
height, width = photo.shape[:2]
with torch.no_grad():
    category = int(model(tensor).argmax())
with GradCAM(model=model, target_layers=[layer]) as cam:
    small = cam(input_tensor=tensor, targets=[ClassifierOutputTarget(category)])[0]
guided = GuidedBackpropReLUModel(model=model)(tensor, target_category=category)


def write_pictures():
    mask, gradient = (cv2.resize(plane, (width, height)) for plane in (small, guided))
    pictures = {"cam": show_cam_on_image(np.float32(photo) / 255, mask, use_rgb=True), "gb": deprocess_image(gradient),
                "cam_gb": deprocess_image(mask[..., None] * gradient)}
    for name, picture in pictures.items():
        cv2.imwrite(str(FOLDER / f"{name}.jpg"), picture[:, :, ::-1])


if MODE == "pictures":
    for _ in sys.stdin:
        begin = time.perf_counter()
        write_pictures()
        print((time.perf_counter() - begin) * 1e3, flush=True)
else:
    write_pictures()
