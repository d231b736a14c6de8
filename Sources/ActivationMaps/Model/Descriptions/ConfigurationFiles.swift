import Network

/// The configuration files that other tools leave beside a network, or one folder above it (`onnx/model.onnx`).
struct ConfigurationFiles {
    private let folders: [String]

    init(besideModel path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        folders = [folder, folder + "../"]
    }

    /// What a file of that name says, the first that is there; nil where there is none, or it says nothing. Whatever is
    /// wrong with it becomes a remark, as it may be another network's.
    func describe(
        _ name: String, _ read: (PythonLiteral, inout ModelDescription) throws(DescriptionFault) -> Bool
    ) -> ModelDescription? {
        for folder in folders {
            let path = folder + name
            let text: String
            switch readText(path) {
            case .failure(let fault) where fault.isMissing: continue
            case .failure(let fault): return .passedOver(path, fault.reason)
            case .success(let content): text = content
            }
            do throws(PythonLiteral.Fault) {
                let literal = try PythonLiteral(text)
                var description = ModelDescription(origin: path)
                do throws(DescriptionFault) {
                    guard literal.dictionary != nil, try read(literal, &description) else { return nil }
                    return description
                } catch {
                    return .passedOver(path, error.reason)
                }
            } catch {
                return .passedOver(path, "it is not valid JSON (line \(error.line))")
            }
        }
        return nil
    }
}

extension ModelDescription {
    /// What is said of a file that cannot be used.
    static func passedOver(_ path: String, _ reason: Wording) -> ModelDescription {
        var description = ModelDescription(origin: path)
        description.remarks = ["\(path: path) is passed over: \(reason)"]
        return description
    }
}
