import Foundation

/// JSON as a schema sees it: unlike `JSONSerialization`'s values it tells booleans and numbers apart.
enum JSONValue: Decodable, Equatable {
    case null, boolean(Bool), number(Double), string(String), array([JSONValue]), object([String: JSONValue])

    init(from decoder: Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let boolean = try? value.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    init(_ text: some StringProtocol) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) }

    var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var string: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }

    fileprivate func isOf(_ type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.boolean, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
            (.object, "object"):
            true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }
}

/// A JSON Schema (draft 2020-12), as far as the project's own use it: another keyword is a fault.
/// https://json-schema.org/draft/2020-12/json-schema-validation
struct Schema {
    let root: JSONValue

    init(_ text: String) throws { root = try JSONValue(text) }

    /// What is wrong with a value; nothing where it is valid.
    func faults(_ value: JSONValue) -> [String] { faults(value, root, at: "") }

    private func faults(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        guard let keywords = schema.object else { return ["\(place): the schema is no object"] }
        return keywords.sorted { $0.key < $1.key }.flatMap { keyword, rule -> [String] in
            func fault(unless holds: Bool) -> [String] { holds ? [] : ["\(place): \(keyword) \(rule): \(value)"] }
            switch keyword {
            case "$schema", "$defs", "title", "description": return []
            case "$ref":
                guard let name = rule.string, name.hasPrefix("#/$defs/"),
                    let target = root.object?["$defs"]?.object?[String(name.dropFirst(8))]
                else { return ["\(place): there is no \(rule)"] }
                return faults(value, target, at: place)
            case "oneOf":
                let all = (rule.array ?? []).map { faults(value, $0, at: place) }
                let valid = all.count { $0.isEmpty }
                return valid == 1 ? [] : ["\(place): \(valid) of oneOf"] + all.flatMap { $0 }
            case "type": return fault(unless: (rule.array ?? [rule]).contains { value.isOf($0.string ?? "") })
            case "const": return fault(unless: value == rule)
            case "enum": return fault(unless: rule.array?.contains(value) ?? false)
            case "pattern":
                guard let text = value.string else { return [] }
                return fault(unless: (try? Regex(rule.string ?? "").firstMatch(in: text)) != nil)
            case "minimum": return fault(unless: value.number.map { $0 >= rule.number! } ?? true)
            case "maximum": return fault(unless: value.number.map { $0 <= rule.number! } ?? true)
            case "minItems": return fault(unless: value.array.map { Double($0.count) >= rule.number! } ?? true)
            case "maxItems": return fault(unless: value.array.map { Double($0.count) <= rule.number! } ?? true)
            case "items":
                return (value.array ?? []).enumerated().flatMap { faults($1, rule, at: "\(place)/\($0)") }
            case "required":
                let members = value.object ?? [:], names = (rule.array ?? []).compactMap(\.string)
                return value.object == nil ? [] : names.filter { members[$0] == nil }.map { "\(place): no \($0)" }
            case "properties":
                return (value.object ?? [:]).sorted { $0.key < $1.key }.flatMap { name, member in
                    rule.object?[name].map { faults(member, $0, at: "\(place)/\(name)") } ?? []
                }
            case "additionalProperties":
                guard rule == .boolean(false) else { return ["\(place): additionalProperties \(rule)"] }
                let known = keywords["properties"]?.object ?? [:]
                return (value.object ?? [:]).keys.filter { known[$0] == nil }.sorted().map { "\(place)/\($0): unknown" }
            default: return ["\(place): keyword \(keyword)"]
            }
        }
    }
}
