"""The training loop: asynchronous AdamW over worker threads, with averaged weights."""
import copy
import math
import threading
import time

import torch
import torch.nn.functional as F

from demo_model.augmentation import augment, erase, mix
from demo_model.photos import normalise


def schedule(progress, peak):
    """Learning rate: linear warm-up over the first 2 %, then cosine to zero."""
    warm = 0.02
    if progress < warm:
        return peak * max(progress / warm, 0.01)
    return peak * 0.5 * (1 + math.cos(math.pi * min((progress - warm) / (1 - warm), 1)))


class Run:
    """One training run. Each worker thread takes the next batch, computes its gradient on one
    core with a replica that shares the parameters' memory, and applies it as soon as it is
    known (asynchronous stochastic gradient descent), so a busy core delays no other."""

    def __init__(self, args, model, optimiser, photos, targets):
        self.args, self.model, self.optimiser = args, model, optimiser
        self.photos, self.targets = photos, targets
        self.average = copy.deepcopy(model)
        self.lock, self.error = threading.Lock(), None
        self.start, self.epoch, self.step, self.progress = time.time(), 0, 0, 0.0

    def train_epoch(self):
        """One pass over the photos; ends early when the time is up."""
        self.epoch += 1
        self.losses = []
        early = 128 if self.args.resume else 96
        self.size = early if self.progress < 0.25 else 128 if self.progress < 0.8 else 144
        self.batches = list(torch.randperm(len(self.photos)).split(self.args.batch))
        self.model.train()
        workers = [threading.Thread(target=self.work) for _ in range(self.args.threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self.error:
            raise self.error

    def replica(self):
        replica = copy.deepcopy(self.model)
        for own, shared in zip(replica.parameters(), self.model.parameters()):
            own.data = shared.data
        for own, shared in zip(replica.buffers(), self.model.buffers()):
            own.data = shared.data
        return replica

    def work(self):
        torch.set_num_threads(1)
        try:
            replica = self.replica()
            while self.progress < 1:
                with self.lock:
                    if not self.batches or self.error:
                        return
                    batch = self.batches.pop()
                loss = self.gradient(replica, batch)
                with self.lock:
                    self.apply(replica, loss)
        except Exception as error:
            self.error = error

    def gradient(self, replica, batch):
        x = normalise(augment(self.photos[batch], self.size))
        x, (target, fine) = mix(erase(x, 0.25), [t[batch] for t in self.targets])
        with torch.autocast("cpu", torch.bfloat16, enabled=self.args.bfloat16):
            features = replica.features(x).float()
        loss = F.cross_entropy(replica.fc(features), target)
        total = loss
        if replica.auxiliary is not None:
            total = loss + F.cross_entropy(replica.auxiliary(features), fine)
        replica.zero_grad()
        total.backward()
        return loss.item()

    @torch.no_grad()
    def apply(self, replica, loss):
        self.losses.append(loss)
        self.step += 1
        self.progress = min((time.time() - self.start) / (60 * self.args.minutes), 1)
        for group in self.optimiser.param_groups:
            group["lr"] = schedule(self.progress, self.args.lr)
        for shared, own in zip(self.model.parameters(), replica.parameters()):
            shared.grad = own.grad
        self.optimiser.step()
        keep = min(0.998, (1 + self.step) / (10 + self.step))
        for a, m in zip(self.average.state_dict().values(), self.model.state_dict().values()):
            a.lerp_(m, 1 - keep) if a.is_floating_point() else a.copy_(m)
