"""What `gradcam PHOTO --model resnet50` does, written with pytorch-grad-cam as its documentation shows: class, Grad-CAM, guided
backpropagation and both combined, as three JPEG files.

usage: one_photo.py WEIGHTS PHOTO FOLDER THREADS     (WEIGHTS, a state dict of ResNet50, is made with random numbers where it is missing)
"""
import os
import pathlib
import sys

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
mask = cv2.resize(small, (width, height))
overlay = show_cam_on_image(np.float32(photo) / 255, mask, use_rgb=True)
guided = cv2.resize(GuidedBackpropReLUModel(model=model)(tensor, target_category=category), (width, height))
cv2.imwrite(str(FOLDER / "cam.jpg"), overlay[:, :, ::-1])
cv2.imwrite(str(FOLDER / "gb.jpg"), deprocess_image(guided)[:, :, ::-1])
cv2.imwrite(str(FOLDER / "cam_gb.jpg"), deprocess_image(mask[..., None] * guided)[:, :, ::-1])
