import Platform

/// Gauss and Legendre's rule for integrals over 0..1: the integral of f is sum_i weight_i f(place_i), exact for
/// polynomials of a degree below 2 * points.
///
/// Press et al., "Numerical Recipes", section 4.6: the places are the roots of the Legendre polynomial of that degree,
/// found by Newton's method.
func gaussLegendre(points: Int) -> [(place: Float, weight: Float)] {
    (0..<points).map { i in
        var root = -cos(.pi * (Double(i) + 0.75) / (Double(points) + 0.5)), slope = 1.0, correction = 1.0
        while abs(correction) > 1e-12 {
            var (p, before) = (1.0, 0.0)
            for k in 0..<points {
                (p, before) = ((Double(2 * k + 1) * root * p - Double(k) * before) / Double(k + 1), p)
            }
            slope = Double(points) * (root * p - before) / (root * root - 1)
            correction = p / slope
            root -= correction
        }
        return (Float((1 + root) / 2), Float(1 / ((1 - root * root) * slope * slope)))
    }
}
