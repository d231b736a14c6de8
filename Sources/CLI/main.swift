import ActivationMaps
import Network
import Platform

do {
    System.keepStandardStreamsApart()
    Interruption.watch()
    if CommandLine.argc == 0 {
        Console().error(Messages.noWords)
        exit(ExitCode.wrongArguments.rawValue)
    }
    if let fault = CPU.kernelsFault {
        Console().error(fault)
        exit(ExitCode.wrongArguments.rawValue)
    }
    var arguments = try Arguments(
        parsing: System.words.all, notUTF8: System.words.notUTF8,
        standardConfig: System.environment("GRADCAM_CONFIG"))
    let console = Console(quiet: arguments.quiet, showsProgress: arguments.showsProgress)
    if let defaults = arguments.defaults, !defaults.flags.isEmpty { console.information(Messages.defaults(defaults)) }
    if arguments.computes { try arguments.reserveThreads(console) }
    switch arguments.action {
    case .help: try console.result(Help.text)
    case .briefHelp: try console.result(Help.brief)
    case .generate(let kind): try console.result(kind.text)
    case .version: try console.result("gradcam " + Vocabulary.version)
    case .listMethods:
        let rows = Methods.all.map { [$0.name, $0.cost.passes, $0.cost.madeOf, $0.info.summary, $0.info.paper] }
        try console.result(table([["method", "passes", "made of", "map", "paper"]] + rows) + "\n\n" + Messages.symbols)
    case .listMetrics: try console.result(MetricList.text)
    case .average: exit(try AverageCommand(arguments, console).run().rawValue)
    case .listModels: try console.result(ModelList.text(ModelFinder()))
    case .listLayers:
        let path = try ModelFinder().find(arguments.model).path
        try console.result(LayerList.text(Classifier(contentsOf: path, options: arguments.modelOptions).graph))
    case .check: exit(try CheckCommand(arguments, console).run().rawValue)
    case .explain: exit(try ExplainCommand(arguments, console).run().rawValue)
    }
} catch {
    let (text, code) = Messages.end(error)
    Console().error(text)
    exit(code.rawValue)
}
