/// The configuration files that exporters leave beside a network, or one folder above it (`onnx/model.onnx`).
struct ConfigurationFiles {
    private let folders: [String]

    init(besideModel path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        folders = [folder, folder + "../"]
    }

    /// The object in the first file of that name, and its path; nil where there is none, or none that holds an object.
    ///
    /// - Throws: `ModelError.description` where the file is there and cannot be read.
    func object(_ name: String) throws(ModelError) -> (literal: PythonLiteral, path: String)? {
        for folder in folders {
            let path = folder + name
            switch readText(path) {
            case .failure(let fault) where fault.isMissing: continue
            case .failure(let fault): throw .description(path: path, reason: fault.reason)
            case .success(let text):
                do throws(PythonLiteral.Fault) {
                    let literal = try PythonLiteral(text)
                    return literal.dictionary == nil ? nil : (literal, path)
                } catch {
                    throw .description(path: path, reason: "is not valid JSON (line \(error.line)); mend it, or move it away from the network")
                }
            }
        }
        return nil
    }
}
