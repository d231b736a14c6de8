"""Contestants take turns; those of a round are compared where the cores were equally fast in all of them."""
import collections
import pathlib
import statistics
import time

from probe import Probe, are_equal

PAUSE, SETTLE = 0.1, 0.01   # seconds before a turn, and between its end and the probe: threads spin before they sleep
PATIENCE = 2     # seconds
RETAKES = 3      # times that a turn is taken again
LEAST = 3        # rounds
TALLY = collections.Counter()   # turns, those taken while others computed, those taken again, rounds, those of unequal modes
Turn = collections.namedtuple("Turn", "result probes disturbed")
probe = Probe()


class Rounds(dict):
    """{name: a result a round}."""

    def __init__(self, results, disturbed):
        super().__init__(results)
        self.disturbed = disturbed   # rounds that count though the cores' speed did not stay, or others computed

    @property
    def count(self):
        return len(next(iter(self.values())))


def pause():
    """Lets the last turn's threads go to sleep, and waits, to the end of patience, while others use more than a tenth of the machine;
    whether they still do."""
    begin = time.monotonic()
    while True:
        before = processor_times()
        time.sleep(PAUSE)
        idle, total = (now - then for now, then in zip(processor_times(), before))
        if idle >= 0.9 * total:
            return False
        if time.monotonic() - begin > PATIENCE:
            TALLY["disturbed"] += 1
            return True


def processor_times():
    """(idle, total) of all cores since the machine began."""
    times = [int(value) for value in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return times[3] + times[4], sum(times)


def taken(turn):
    disturbed = pause()
    TALLY["turns"] += 1
    before, result = probe(), turn()
    time.sleep(SETTLE)
    return Turn(result, (before, probe()), disturbed)


def odd(turns):
    """The names of those that were not in the mode of most, or in more than one."""
    alike = [[name for name, other in turns.items() if are_equal(turn.probes + other.probes)] for turn in turns.values()]
    return [name for name in turns if name not in max(alike, key=len)]


def interleaved(turns, rounds, seconds=40):
    """Rounds of {name: function that takes a turn}; fewer where they would take longer than `seconds`.

    Turns of another mode than the others of their round are taken again; rounds that stay unequal count only where there are too few.
    """
    for turn in turns.values():
        turn()
    equal, unequal, begin = [], [], time.monotonic()
    while len(equal) < rounds and (time.monotonic() - begin < seconds or len(equal) + len(unequal) < LEAST):
        one = {name: taken(turn) for name, turn in turns.items()}
        for _ in range(RETAKES):
            for name in odd(one):
                if time.monotonic() - begin < seconds:
                    TALLY["again"] += 1
                    one[name] = taken(turns[name])
        (unequal if odd(one) else equal).append(one)
    TALLY["left out"] += len(unequal)
    spare = unequal[:max(0, LEAST - len(equal))]
    TALLY.update({"rounds": len(equal + spare), "unequal": len(spare), "left out": -len(spare)})
    disturbed = sum(any(turn.disturbed for turn in one.values()) for one in equal) + len(spare)
    return Rounds({name: [one[name].result for one in equal + spare] for name in turns}, disturbed)


def quotients(times, name, base):
    """Quartiles of one contestant's time divided by another's."""
    return quartiles([a / b for a, b in zip(times[name], times[base])])


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
