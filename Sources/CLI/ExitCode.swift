import ActivationMaps
import Imaging
import Network

enum ExitCode: Int32 {
    case done = 0, photoFailed = 1, wrongArguments = 2, unusableModel = 3, unfinished = 4
}

extension Messages {
    /// What is said of an error that ends the program, and the exit code.
    static func end(_ error: any Error) -> (text: String, code: ExitCode) {
        switch error {
        case let fault as ArgumentFault: (text(fault), .wrongArguments)
        case ChoiceError.layer(.noSpatialLayer): (text(of: error), .unusableModel)
        case let fault as TableClassFault: (text(fault), .wrongArguments)
        case let fault as ChoiceError: (text(of: fault), .wrongArguments)
        case let fault as OutputFault: (text(fault), .wrongArguments)
        case let fault as OverwriteFault: (text(fault), .wrongArguments)
        case let fault as TableFault: (text(fault), .wrongArguments)
        case is ImageError: (text(of: error), .wrongArguments)
        case let fault as RecordFault: (text(fault), .wrongArguments)
        case ModelError.option: (text(of: error), .wrongArguments)
        case let fault as ModelFault: (text(fault), .unusableModel)
        case let fault as ModelError: (text(of: fault), .unusableModel)
        case is SystemShortage: (noAddressSpace, .unusableModel)
        case let fault as SystemError: (cannotPrint(fault.code), .photoFailed)
        default: (text(of: error), .photoFailed)
        }
    }
}
