import Imaging
import Network
import ONNX

/// Where that comes from which an input besides the photo is fed.
public enum InputSource: Sendable {
    /// Numbers, row-major; a single one fills the input.
    case numbers([Float])
    /// An array of the input's shape, fed as it is.
    case array(NumberArray)
    /// A picture, fed as the photo is, at the input's own size.
    case picture(Image)
    /// A file of one of the last two: `.npy`, JPEG or PNG.
    case file(String)
}

/// What the inputs of a network besides the photo are fed.
struct FurtherInputs {
    private struct Picture {
        let image: Image
        let input: ImageInput
    }
    private var numbers: [String: FurtherInput] = [:]
    private var pictures: [String: Picture] = [:]

    /// - Parameter path: the network's, for the errors.
    /// - Throws: `.option` where a file cannot be read, or where a picture is given for what takes none.
    init(_ sources: [String: InputSource], of model: Model, at path: String) throws(ModelError) {
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            switch try source.read() {
            case .array(let array): numbers[name] = FurtherInput(shape: array.shape, values: array.values)
            case .numbers(let list): numbers[name] = FurtherInput(values: list)
            case .picture(let image):
                do throws(NetworkError) {
                    let input = try ImageInput(further: name, of: model), channels = input.channels ?? 3
                    guard channels == 1 || channels == 3, !input.isSignal else {
                        throw .notAPhoto(
                            "input '\(name)' takes " + (input.isSignal ? "signals" : "\(channels) channels"))
                    }
                    pictures[name] = Picture(image: image, input: input)
                } catch {
                    throw .option(path: path, reason: "a picture cannot be fed to input '\(name)': \(error)")
                }
            case .file: preconditionFailure("a file was read")
            }
        }
    }

    var holdPictures: Bool { !pictures.isEmpty }

    /// What is fed beside a photo of this size, which is that of pictures where their inputs leave theirs open.
    ///
    /// - Parameter preprocessing: the photo's; nil: pictures are 0, as where nobody knows yet what the network wants.
    func fed(width: Int, height: Int, by preprocessing: Preprocessing?) -> [String: FurtherInput] {
        var all = numbers
        for (name, picture) in pictures {
            let input = picture.input
            var own = preprocessing ?? Preprocessing()
            let isOfPhoto = own.width == input.width ?? width && own.height == input.height ?? height
            if !isOfPhoto { own.scaled = nil }
            (own.width, own.height, own.channels) = (input.width ?? width, input.height ?? height, input.channels ?? 3)
            // Colours stand for their mean where it is grey.
            if own.channels == 1, own.mean.count == 3 { own.mean = [own.mean.reduce(0, +) / 3] }
            if own.channels == 1, own.std.count == 3 { own.std = [own.std.reduce(0, +) / 3] }
            let pixels =
                preprocessing == nil
                ? [Float](repeating: 0, count: own.channels * own.width * own.height) : own.tensor(from: picture.image)
            all[name] = FurtherInput(
                pixels: input.isInteger ? pixels.map { $0.rounded() } : pixels, channels: own.channels,
                height: own.height, width: own.width, axes: input.axes, hasBatch: input.hasBatch)
        }
        return all
    }
}

extension InputSource {
    /// The same with a file's content in its place.
    fileprivate func read() throws(ModelError) -> InputSource {
        guard case .file(let path) = self else { return self }
        do throws(ImageError) {
            return Image.isPhoto(contentsOf: path)
                ? .picture(try Image(contentsOf: path)) : .array(try NumberArray(contentsOf: path))
        } catch {
            guard case .file(_, let fault) = error else { preconditionFailure("the path is told") }
            throw .option(path: path, reason: Wording("\(fault)"))
        }
    }
}
