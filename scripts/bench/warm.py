"""Jobs of warm processes."""
import statistics

import goals
from contestants import LAYERS, PEERS, ours, peer
from turns import interleaved, quotients

CHANNELS = {"resnet50": 2048, "vgg16": 512}
SCORECAM_MASKS, ABLATED = 64, 64
INTEGRATED_STEPS, RISE_MASKS = 10, 32
INSERTED, FLIPPED = 225, 192   # images of ours and of Quantus
GRADCAM = "Warm, against pytorch-grad-cam"


def network(report, name, options):
    """Every warm job of a network."""
    contestants = {"ours": ours(name, options.threads), "openblas": ours(name, options.threads, GRADCAM_KERNELS="openblas")}
    contestants |= {each: peer(each, name, options.threads) for each in PEERS}
    report.note(f"OpenVINO's default computes in {contestants['openvino-default'].answer('precision')}")
    forwards(report, name, options, contestants)
    if name in LAYERS:
        explanations(report, name, options, contestants)
    if name in goals.SHARED:
        gradient_share(report, name, options, contestants["ours"])
        shared_pass(report, name, options, contestants["ours"])
    for one in contestants.values():
        one.__exit__()


def turns(contestants, job):
    return {name: lambda one=one: one.turn(job) for name, one in contestants.items()}


def forwards(report, network, options, contestants):
    for batch in (1, 8):
        times = interleaved(turns(contestants, f"forward {batch}"), options.rounds, seconds=30)
        report.race("Forward", f"{network}, batch {batch}, an image", times, goals.forward(network), per=batch)


def explanations(report, network, options, contestants):
    """pytorch-grad-cam's jobs, and those at the input."""
    two = {name: contestants[name] for name in ("ours", "pytorch")}
    for job, goal in (("gradcam", goals.GRADCAM[network]), ("guided", goals.GUIDED[network])):
        report.race(GRADCAM, f"{network}, {job}", interleaved(turns(two, job), options.rounds), goal)
    masks = interleaved(turns(two, f"masks {SCORECAM_MASKS}"), options.rounds, seconds=30)
    report.race(GRADCAM, f"{network}, scorecam, a channel ({SCORECAM_MASKS} timed)", masks, goals.SCORECAM, per=SCORECAM_MASKS)
    jobs = {"ours": "ablationcam", "pytorch": f"ablated {ABLATED}"}
    ablation = interleaved({name: lambda name=name: two[name].turn(jobs[name]) for name in two}, options.rounds, seconds=30)
    ablation["pytorch"] = [passes * CHANNELS[network] / (ABLATED + 1) for passes in ablation["pytorch"]]
    report.race(GRADCAM, f"{network}, ablationcam (PyTorch: scaled up from {ABLATED} channels)", ablation, goals.ABLATIONCAM[network])
    for job, count, what in (("integrated", INTEGRATED_STEPS, "integrated gradients, a step"), ("rise", RISE_MASKS, "RISE, a mask")):
        times = interleaved(turns(two, f"{job} {count}"), options.rounds, seconds=30)
        report.race("Warm, against Captum and PyTorch", f"{network}, {what} ({count} timed)", times, goals.INPUT[job], per=count)


def shared_pass(report, network, options, one):
    """All methods of one forward and one backward pass against one of them."""
    times = interleaved({job: lambda job=job: one.turn(job) for job in ("gradcam", "cheap")}, options.rounds)
    low, ratio, high = quotients(times, "cheap", "gradcam")
    report.figure(f"{network}, every method of --method cheap against gradcam alone", f"{statistics.median(times['cheap']):.1f} ms against "
                  f"{statistics.median(times['gradcam']):.1f}: {ratio:.2f} times ({low:.2f}-{high:.2f})", "<= 1.3 times", ratio <= 1.3, len(times["cheap"]))


def gradient_share(report, network, options, one):
    times = interleaved({job: lambda job=job: one.turn(job) for job in ("forward 1", "backward")}, options.rounds)
    _, share, _ = quotients(times, "backward", "forward 1")
    report.figure(f"{network}, gradient at the layer", f"{statistics.median(times['backward']):.2f} ms, {100 * share:.1f} % of the forward",
                  "<= 5 %", share <= 0.05, len(times["backward"]))


def threads(report, options):
    """What all threads gain over one, ours and the peers'."""
    peers = ["onnxruntime", "openvino"]
    contestants = {}
    for count in (options.threads, 1):
        contestants |= {("ours", count): ours("resnet50", count)} | {(name, count): peer(name, "resnet50", count) for name in peers}
    times = interleaved(turns(contestants, "forward 1"), options.rounds)
    for one in contestants.values():
        one.__exit__()
    gains = {name: quotients(times, (name, 1), (name, options.threads)) for name in ["ours", *peers]}
    low, ratio, high = gains["ours"]
    best = max(gains[name][1] for name in peers)
    report.figure(f"resnet50, {options.threads} threads against 1", f"{ratio:.2f} ({low:.2f}-{high:.2f}); ONNX Runtime "
                  f"{gains['onnxruntime'][1]:.2f}, OpenVINO {gains['openvino'][1]:.2f}", "the better peer's", round(ratio, 2) >= round(best, 2), options.rounds)


def metrics(report, options):
    """One map judged: ROAD by pytorch-grad-cam, insertion by Quantus's pixel flipping, an image for an image."""
    with ours("resnet50", options.threads) as one, peer("pytorch", "resnet50", options.threads) as other:
        for job, what in (("insertion", f"insertion of one map (Quantus: scaled up from {FLIPPED} images)"), ("road", "ROAD of one map")):
            times = interleaved(turns({"ours": one, "pytorch": other}, job), min(options.rounds, 5), seconds=60)
            if job == "insertion":
                times["pytorch"] = [time * INSERTED / FLIPPED for time in times["pytorch"]]
            report.race("Warm, against pytorch-grad-cam and Quantus", f"resnet50, {what}", times, goals.METRICS[job])
