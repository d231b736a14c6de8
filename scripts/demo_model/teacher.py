"""Soft targets from a network trained on ImageNet (https://arxiv.org/abs/1503.02531)."""
import numpy as np
import torch

from demo_model.photos import decode


def teacher_logits(args, items, indices):
    """N x len(indices): the teacher's logits, mean of each photo and its mirror image."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = args.threads
    session = onnxruntime.InferenceSession(args.teacher, options, ["CPUExecutionProvider"])
    name, size = session.get_inputs()[0].name, session.get_inputs()[0].shape[2]
    out = torch.empty(len(items), len(indices))
    for i, item in enumerate(items):
        x = decode([item], size).float().numpy() / 255
        x = ((x - args.teacher_mean) / args.teacher_std).astype(np.float32)
        views = [x, np.ascontiguousarray(x[..., ::-1])]
        logits = np.mean([session.run(None, {name: v})[0].reshape(-1) for v in views], axis=0)
        out[i] = torch.from_numpy(logits[indices])
    return out


def corrected(logits, counts, prior):
    """Shift each class's logits until the mean probability of the class is its prior: the
    teacher knows 118 dogs and 7 cats, and would call too many photos a dog. Returns the
    shifted logits and the N x classes probabilities."""
    for _ in range(100):
        groups = torch.stack([p.sum(1) for p in logits.softmax(1).split(counts, 1)], 1)
        shift = (prior / groups.mean(0)).log()
        logits = logits + shift.repeat_interleave(torch.tensor(counts))
    return logits, groups


def soft_targets(args, items, classes, hard, cache):
    """[N x classes, N x ImageNet classes used]: the labels mixed with the teacher's opinion, and
    the opinion in detail. The teacher's logits are kept in the file `cache`."""
    ranges = dict(r.split("=") for r in args.teacher_classes)
    ends = [[int(end) for end in ranges[name].split("-")] for name in classes]
    counts = [last - first + 1 for first, last in ends]
    if not cache.exists():
        indices = [i for first, last in ends for i in range(first, last + 1)]
        torch.save(teacher_logits(args, items, indices), cache)
    logits, groups = corrected(torch.load(cache), counts, hard.mean(0))
    right = (groups.argmax(1) == hard.argmax(1)).float().mean()
    print(f"the teacher agrees with {right:.4f} of the training labels", flush=True)
    return [0.7 * hard + 0.3 * groups, logits.softmax(1)]
