import ActivationMaps

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

do {
    Interruption.watch()
    let arguments = try Arguments(parsing: Array(CommandLine.arguments.dropFirst()))
    let console = Console(quiet: arguments.quiet, showsProgress: arguments.showsProgress)
    switch arguments.action {
    case .help: try console.result(Help.text)
    case .version: try console.result("gradcam " + Vocabulary.version)
    case .listMethods: try console.result(Vocabulary.methods.joined(separator: "\n"))
    case .listModels: try console.result(ModelList.text(ModelFinder()))
    case .listLayers, .explain: break
    }
} catch let fault as ArgumentFault {
    Console().error(Messages.text(fault))
    exit(ExitCode.wrongArguments.rawValue)
} catch let fault as SystemError {
    Console().error(Messages.cannotPrint(fault.code))
    exit(ExitCode.photoFailed.rawValue)
}
