/// A number with so many digits after the point, rounded half up; at most 6 digits.
package func fixed<Number: BinaryFloatingPoint>(_ number: Number, digits: Int) -> String {
    guard number.isFinite, abs(number) < 1e9 else { return "\(number)" }
    let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
    let scaled = Int((Double(abs(number)) * Double(scale)).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    if digits == 0 { return sign + "\(scaled)" }
    let fraction = "\(scaled % scale)"
    return sign + "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
}
