import Testing

@testable import Platform

/// What the system's files say, and what is read from them.
struct ControlGroupsTests {
    /// Version 2 alone, version 1 with a folder for each controller, and both at a time.
    static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
    static let separate = """
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        """

    struct Sample: Sendable {
        let name: String
        let groups, mounts: String
        var limits: [String: String] = [:]
        var processors: Int?
        var memory: Int?
    }

    static let samples = [
        Sample(name: "no control groups", groups: "", mounts: "22 1 8:1 / / rw - ext4 /dev/sda1 rw"),
        Sample(
            name: "unlimited", groups: "0::/a\n", mounts: unified,
            limits: [
                "/sys/fs/cgroup/a/cpu.max": "max 100000\n", "/sys/fs/cgroup/a/memory.max": "max\n",
            ]),
        Sample(
            name: "own group", groups: "0::/a/b\n", mounts: unified,
            limits: [
                "/sys/fs/cgroup/a/b/cpu.max": "250000 100000\n", "/sys/fs/cgroup/a/b/memory.max": "1073741824\n",
            ], processors: 2, memory: 1 << 30),
        Sample(
            name: "a group around it is narrower", groups: "0::/a/b\n", mounts: unified,
            limits: [
                "/sys/fs/cgroup/a/b/cpu.max": "800000 100000\n", "/sys/fs/cgroup/a/cpu.max": "300000 100000\n",
                "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/memory.max": "5000000\n",
            ], processors: 3, memory: 5_000_000),
        Sample(
            name: "less than one processor", groups: "0::/\n", mounts: unified,
            limits: [
                "/sys/fs/cgroup/cpu.max": "20000 100000"
            ], processors: 1),
        Sample(
            name: "a container's root", groups: "0::/docker/1f/job\n",
            mounts: "30 23 0:26 /docker/1f /sys/fs/cgroup rw - cgroup2 cgroup rw",
            limits: [
                "/sys/fs/cgroup/job/memory.max": "7000", "/sys/fs/cgroup/docker/1f/job/memory.max": "1",
            ], memory: 7000),
        Sample(
            name: "a group outside of what is seen", groups: "0::/../other\n",
            mounts: "30 23 0:26 /docker/1f /sys/fs/cgroup rw - cgroup2 cgroup rw",
            limits: [
                "/sys/fs/cgroup/memory.max": "9000"
            ], memory: 9000),
        Sample(
            name: "version 1", groups: "4:memory:/x\n1:cpu,cpuacct:/y\n0::/\n", mounts: separate,
            limits: [
                "/sys/fs/cgroup/cpu,cpuacct/y/cpu.cfs_quota_us": "400000\n",
                "/sys/fs/cgroup/cpu,cpuacct/y/cpu.cfs_period_us": "100000\n",
                "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "2000000\n",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            ], processors: 4, memory: 2_000_000),
        Sample(
            name: "version 1, unlimited", groups: "4:memory:/\n1:cpu:/\n", mounts: separate,
            limits: [
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            ]),
        Sample(
            name: "both kinds at a time", groups: "1:cpu,cpuacct:/\n0::/s\n",
            mounts: separate + "\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
            limits: [
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
                "/sys/fs/cgroup/unified/s/memory.max": "4096",
            ], processors: 2, memory: 4096),
        Sample(
            name: "damaged", groups: "0::/a\nnonsense\n:\n", mounts: "short line\n" + unified,
            limits: [
                "/sys/fs/cgroup/a/cpu.max": "0 0", "/sys/fs/cgroup/cpu.max": "many", "/sys/fs/cgroup/a/memory.max": "",
            ]),
    ]

    @Test(arguments: samples)
    func theLeastLimitCounts(_ sample: Sample) {
        let found = ControlGroups { path in
            switch path {
            case "/proc/self/cgroup": sample.groups
            case "/proc/self/mountinfo": sample.mounts
            default: sample.limits[path]
            }
        }
        #expect(found.processors == sample.processors, "\(sample.name)")
        #expect(found.memory == sample.memory, "\(sample.name)")
    }
}
