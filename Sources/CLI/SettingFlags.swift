import ActivationMaps
import Imaging
import Network

extension Setting {
    /// What the command line calls it.
    var flag: String {
        switch self {
        case .inputSize: "--input-size"
        case .cropSize: "--crop-size"
        case .resize: "--resize"
        case .interpolation: "--interpolation"
        case .channelOrder: "--channel-order"
        case .output: "--output"
        case .labels: "--labels"
        case .mean: "--mean"
        case .std: "--std"
        case .memoryLimit: "--max-memory"
        case .inputs: "--input"
        case .imageInput: "--image-input"
        case .device: "--device"
        case .precision: "--precision"
        case .elementLimit: "--max-elements"
        case .nodeLimit: "--max-nodes"
        case .nestingLimit: "--max-nesting"
        case .operationLimit: "--max-operations"
        case .layers: "--target-layer"
        case .methods: "--method"
        case .eigenSmooth: "--eigen-smooth"
        case .steps: "--steps"
        case .slice: "--target"
        case .similarity: "--similar-to"
        case .allLayers: "--list-layers"
        case .check: "--check"
        }
    }
}

extension MethodOptions.Kind {
    /// What the command line calls it.
    var flag: String {
        switch self {
        case .seed: "--seed"
        case .channels: "--channels"
        case .samples: "--samples"
        case .steps: "--steps"
        case .baseline: "--baseline"
        }
    }
}

extension Messages {
    /// A library's sentence, with flags for settings.
    static func text(_ wording: Wording) -> String { wording.text(naming: \.flag) }

    /// A library's error.
    static func text(of error: any Error) -> String {
        switch error {
        case let error as ImageError: return text(error)
        case let error as PhotoFailure: return text(error.fault)
        case let error as RecordFault: return text(error)
        case let error as OverwriteFault: return text(error)
        case let error as OutputFault: return text(error)
        case let error as TableClassFault: return text(error)
        case let error as MissingClass: return text(error)
        case let error as TruthFault: return text(error)
        case is DigestFault: return noDigest
        default: break
        }
        return (error as? any WordedError).map { text($0.wording) } ?? "\(error)"
    }

    /// An error of pictures, whose library knows no settings.
    private static func text(_ error: ImageError) -> String {
        switch error {
        case .file(let path, let fault): "\(path): \(text(fault))"
        case .tooLarge(let width, let height, let limit):
            "\(width) x \(height) pixels are more than the limit of \(limit): scale the picture down, or raise "
                + "--max-pixels"
        case .tooManyNumbers(let shape, let limit):
            "\(shape) are more than the limit of \(limit) numbers: save fewer of them, or raise --max-pixels, of 3 "
                + "numbers each"
        default: "\(error)"
        }
    }
}
