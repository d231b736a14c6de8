import Foundation
import Imaging
import TestSupport
import Testing

/// 16-bit PNGs whose samples use fewer bits.
@Suite struct DeepPictureTests {
    static let folder = Case("deep-pictures")

    static let pictures: [(String, BitDepth?, DepthRemark?)] = [
        ("rgb10", .bits(10), nil), ("rgb10", .automatic, nil),
        ("grey14-sbit", nil, .significant(bits: 14)), ("grey14-sbit", .bits(14), nil), ("grey14-sbit", .automatic, nil),
        ("grey-alpha12-sbit", nil, .significant(bits: 12)), ("grey-alpha12-sbit", .automatic, nil),
        ("scaled12-sbit", nil, nil), ("scaled12-sbit", .bits(16), nil), ("scaled12-sbit", .automatic, nil),
        ("scaled12-sbit-dark", nil, .unused(bits: 12)), ("scaled8-dark", nil, nil),
    ]

    @Test(arguments: pictures) func pixelsAreTheSamplesHighByte(
        _ name: String, _ depth: BitDepth?, _ remark: DepthRemark?
    ) throws {
        let image = try Image(contentsOf: Self.folder.path(name + ".png"), bitDepth: depth)
        let right = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Self.folder.path(name + ".rgb"))))
        #expect(image.pixels == right)
        #expect(image.depthRemark == remark)
    }

    @Test func unusedBitsAreTold() throws {
        let image = try Image(contentsOf: Self.folder.path("rgb10.png"))
        #expect(image.depthRemark == .unused(bits: 10))
        #expect(image.pixels.max() == 3)
    }

    @Test func whatIsAboveTheDepthIsWhite() throws {
        let deep = try Image(contentsOf: Self.folder.path("rgb10.png"), bitDepth: .bits(10))
        let clipped = try Image(contentsOf: Self.folder.path("rgb10.png"), bitDepth: .bits(9))
        #expect(clipped.depthRemark == .clipped(bits: 10, taken: 9))
        #expect(zip(clipped.pixels, deep.pixels).allSatisfy { $0 == 255 || $0 / 2 == $1 })
    }

    @Test func picturesOf8BitsAreAsTheyAre() throws {
        let path = Case("i1-12-bit-in-16-bit-png").path("xray8.png")
        let plain = try Image(contentsOf: path)
        #expect(plain.depthRemark == nil)
        #expect(try Image(contentsOf: path, bitDepth: .bits(12)) == plain)
    }
}
