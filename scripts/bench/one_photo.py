"""What `gradcam PHOTO --model resnet50` does, written with pytorch-grad-cam as its documentation shows: class, Grad-CAM, guided
backpropagation and both combined, as three JPEG files.

usage: one_photo.py WEIGHTS PHOTO FOLDER THREADS [pictures | imports]     (WEIGHTS, a state dict of ResNet50, is made with random numbers where it is missing)

With "pictures" it stays warm: for every line of standard input it makes the pictures again from the finished maps, and answers with the
milliseconds that this took. With "imports" it ends when all modules are imported.
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

if sys.argv[5:] == ["imports"]:
    sys.exit()
cv2.setNumThreads(THREADS)
model = torchvision.models.resnet50(weights=None)
if not WEIGHTS.exists():
    torch.save(model.state_dict(), WEIGHTS)
model.load_state_dict(torch.load(WEIGHTS, map_location="cpu", weights_only=True))
model.eval()

photo = cv2.imread(PHOTO)[:, :, ::-1]
height, width = photo.shape[:2]
tensor = preprocess_image(np.float32(cv2.resize(photo, (224, 224))) / 255, mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
with torch.no_grad():
    category = int(model(tensor).argmax())
with GradCAM(model=model, target_layers=[model.layer4[-1]]) as cam:
    small = cam(input_tensor=tensor, targets=[ClassifierOutputTarget(category)])[0]
guided = GuidedBackpropReLUModel(model=model)(tensor, target_category=category)


def write_pictures():
    mask, gradient = (cv2.resize(plane, (width, height)) for plane in (small, guided))
    pictures = {"cam": show_cam_on_image(np.float32(photo) / 255, mask, use_rgb=True), "gb": deprocess_image(gradient),
                "cam_gb": deprocess_image(mask[..., None] * gradient)}
    for name, picture in pictures.items():
        cv2.imwrite(str(FOLDER / f"{name}.jpg"), picture[:, :, ::-1])


if sys.argv[5:] == ["pictures"]:
    for _ in sys.stdin:
        begin = time.perf_counter()
        write_pictures()
        print((time.perf_counter() - begin) * 1e3, flush=True)
else:
    write_pictures()
