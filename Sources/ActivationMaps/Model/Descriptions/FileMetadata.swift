import Imaging
import Network
import ONNX

/// What Ultralytics' exporter leaves in a file's metadata: `task`, `imgsz` ([height, width]), `names` (a Python
/// dictionary) and `channels`.
/// Its classifiers read pixels / 255; a square input takes the middle of the photo, any other one the whole, squashed.
/// https://docs.ultralytics.com/modes/export, https://docs.ultralytics.com/tasks/classify
enum UltralyticsMetadata {
    static func read(_ model: Model) -> ModelDescription? {
        guard let names = model.metadata["names"],
            model.metadata["task"] != nil || model.metadata["author"] == "Ultralytics"
        else { return nil }
        var description = ModelDescription(origin: "Ultralytics' metadata")
        (description.mean, description.std) = ([0], [1])
        description.channelOrder = .rgb
        description.interpolation = .bilinear
        if let written = model.metadata["imgsz"] {
            do { description.size = try PythonLiteral(written).size("imgsz") } catch {
                description.remarks.append(
                    "\(path: description.origin): imgsz '\(written.prefix(40))' is no size; it is passed over")
            }
        }
        description.fit = .init(resize: description.size.map { $0.width == $0.height } ?? true ? .crop : .squash)
        if let literal = try? PythonLiteral(names) {
            description.takeLabels(literal)
        } else {
            description.remarks.append(
                "\(path: description.origin): names '\(names.prefix(40))' cannot be read; no labels are taken from it")
        }
        return description
    }
}

/// The image metadata of the ONNX standard, which Windows ML and Custom Vision write.
/// https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md
enum ImageMetadata {
    static func read(_ model: Model) -> ModelDescription? {
        var description = ModelDescription(origin: "the file's image metadata")
        switch model.metadata["Image.NominalPixelRange"] {
        case "NominalRange_0_255": (description.mean, description.std) = ([0], [1 / 255])
        case "Normalized_0_1": (description.mean, description.std) = ([0], [1])
        case "Normalized_1_1": (description.mean, description.std) = ([0.5], [0.5])
        // Video range: 16 + 219 p for a pixel p of 0..1.
        case "NominalRange_16_235": (description.mean, description.std) = ([-16 / 219], [1 / 219])
        default: break
        }
        switch model.metadata["Image.BitmapPixelFormat"]?.lowercased() {
        case let format? where format.hasPrefix("bgr"): description.channelOrder = .bgr
        case let format? where format.hasPrefix("rgb"): description.channelOrder = .rgb
        default: break
        }
        if model.metadata["Image.ColorSpaceGamma"]?.lowercased() == "linear" {
            description.remarks.append(
                "the file's image metadata ask for linear light (Image.ColorSpaceGamma), but the photo's own "
                    + "values are fed"
            )
        }
        return description.mean == nil && description.channelOrder == nil && description.remarks.isEmpty
            ? nil : description
    }
}
