/// A copy into the other layout, which the planner puts between operators that want a value differently.
struct Reorder: Kernel {
    func forward(_ pass: ForwardPass) {
        pass.walk { y, x, n, s in for i in 0..<n { y[i * s[0]] = x[0][i * s[1]] } }
    }

    func gradient(_ pass: GradientPass) {
        pass.walk(0) { t, d, _, _, n, s in for i in 0..<n { t[i * s[0]] += d[i * s[1]] } }
    }
}
