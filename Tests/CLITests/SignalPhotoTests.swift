import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// Signals as photos, by the built program.
@Suite struct SignalPhotoTests {
    let folder = TemporaryFolder()
    private static let goldens = Golden.folder + "/signals/"

    private func gradcam(_ network: String, _ words: [String]) throws -> Finished {
        try run(program, ["--model", Self.goldens + network + ".onnx", "--threads", "2", "--no-progress"] + words)
    }

    @Test func aSignalIsExplained() throws {
        let result = try gradcam(
            "resnet",
            [
                Self.goldens + "resnet.npy", "-o", folder.path, "--save-map", "--json", "--bbox", "--compare",
                "--concepts", "2",
            ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            folder.files == [
                "compare.jpg", "concepts.jpg", "concepts.npy", "gradcam_cam.jpg", "gradcam_cam.npy",
                "gradcam_cam_gb.jpg", "gradcam_gb.jpg",
            ])
        #expect(result.errors.contains("feeding signals of 12 channels, 480 samples (the network); arrays as they are"))
        let header = String(decoding: bytes(folder.path + "/gradcam_cam.npy").prefix(120), as: UTF8.self)
        #expect(header.contains("'shape': (480,), "), "\(header)")
        let concepts = String(decoding: bytes(folder.path + "/concepts.npy").prefix(120), as: UTF8.self)
        #expect(concepts.contains("'shape': (2, 480), "), "\(concepts)")
        let report = try #require(try objects(result).first)
        let regions = try #require(report["regions"] as? [[String: Any]])
        let box = try #require(regions[0]["box"] as? [Int])
        #expect(box[1] == 0 && box[3] == 1 && 0 <= box[0] && box[0] < box[2] && box[2] <= 480)
    }

    @Test func anOpenLengthIsEachSignalsOwn() throws {
        for name in ["resnet", "resnet_open"] {
            folder.write(bytes(Self.goldens + name + ".npy"), to: "in/\(name).npy")
        }
        let out = folder.path + "/out"
        let words = [folder.path + "/in", "-o", out, "--outputs", "none", "--save-map", "--json"]
        let result = try gradcam("resnet_open", words)
        #expect(result.status == 0 && result.errors.contains("each at its own length"), "\(result.errors)")
        let widths = try objects(result).map { ($0["preprocessing"] as? [String: Any])?["width"] as? Int }
        #expect(widths == [480, 333])
        // Nothing of the length decides what a folder's files are.
        #expect(String(decoding: bytes(out + "/manifest.json"), as: UTF8.self).contains(#""width":null"#))
        #expect(try gradcam("resnet_open", words + ["--resume", "--quiet"]).status == 0)
        let fixed = try gradcam("resnet_open", words + ["--input-size", "333", "--quiet"])
        #expect(
            fixed.status == 1
                && fixed.errors.contains("resnet.npy: a signal of 480 samples, where the network takes 333: cut it"),
            "\(fixed.errors)")
    }

    /// Boxes of times, and masks of one row.
    @Test func marksAreCompared() throws {
        let photo = Self.goldens + "resnet.npy"
        let boxes = folder.write(Array("photo,x0,y0,x1,y1\nresnet.npy,100,0,200,1\n".utf8), to: "boxes.csv")
        let result = try gradcam("resnet", [photo, "--outputs", "none", "--boxes", boxes, "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let judged = try #require(try objects(result).first?["judgements"] as? [[String: Any]])
        let measures = try #require(
            judged.first { $0["method"] as? String == "gradcam" }?["measures"] as? [[String: Any]])
        let inside = measures.first { $0["name"] as? String == "energy-inside" }?["value"] as? Double
        #expect(try gradcam("resnet", [photo, "--outputs", "none", "--save-map", "-o", folder.path]).status == 0)
        let map = try Raster(NumberArray(contentsOf: folder.path + "/gradcam_cam.npy"), channels: 1, isSignal: true)
            .values
        let share = map[100..<200].reduce(0, +) / map.reduce(0, +)
        #expect(abs(try #require(inside) - Double(share)) <= 1e-5)
    }

    @Test func whatCannotBeRightIsRefused() throws {
        let photo = Self.goldens + "resnet.npy"
        let mirrored = try gradcam("resnet", [photo, "--aug-smooth", "-o", folder.path])
        #expect(mirrored.status == 2 && mirrored.errors.contains("signals, which are others when they are played"))
        let resized = try gradcam("resnet", [photo, "--resize", "crop", "-o", folder.path])
        #expect(resized.status == 2 && resized.errors.contains("--resize is of pictures"), "\(resized.errors)")
        let picture = try gradcam("resnet", [Case.folder + "/photo48.png", "-o", folder.path])
        #expect(
            picture.status == 1 && picture.errors.contains("give an .npy file of shape [12, time]"), "\(picture.errors)"
        )
        #expect(folder.files.isEmpty)
    }

    @Test func checkAndLayersTellOfSignals() throws {
        let check = try gradcam("inception", ["--check"])
        #expect(check.status == 0 && check.output.contains("a signal of 1 channel, 700 samples"), "\(check)")
        let open = try gradcam("resnet_open", ["--check"])
        #expect(open.output.contains("a signal of 12 channels, any number of samples"), "\(open)")
        let layers = try gradcam("resnet", ["--list-layers"])
        #expect(
            layers.output.contains("C x T") && layers.output.contains("12 x 60")
                && !layers.output.contains("Unsqueeze"),
            "\(layers.output)")
    }
}
