/// One flag of the command line. Parsing, help, the manual page, completions and the "did you mean" all read the same
/// table, `Flag.all`.
struct Flag: Sendable {
    let name: String
    /// One dash and one letter, which stand for the name too.
    var short: String? = nil
    /// What stands for the value in `--help`; nil for a switch.
    let placeholder: String?
    /// What values are, as far as that is known before they are read.
    var form = Form.free
    let help: String
    let set: @Sendable (inout Arguments, String) throws(ValueFault) -> Void

    enum Form: Sendable, Equatable {
        /// Numbers, classes, names that the network alone tells; or none, of a switch.
        case free
        /// One of these words; nothing else is taken.
        case word([String])
        /// The same, or no value: then the first one holds. The next argument is the value only where it is one of them.
        case optionalWord([String])
        /// Several of these words, between commas.
        case words([String])
        /// A file, with what the names of such files end with, without the dot; none: any.
        case file([String])
        case folder
        /// A photo, a folder of them, a tar, or `-`.
        case photo
        /// The name of an installed model, an ONNX file, or its folder.
        case model
        /// Layers of the model, between commas.
        case layers
        /// `NAME=` and a file, or numbers.
        case input
    }

    static func toggle(
        _ name: String, short: String? = nil, _ help: String, _ set: @escaping @Sendable (inout Arguments) -> Void
    ) -> Flag {
        Flag(name: name, short: short, placeholder: nil, help: help) { arguments, _ in set(&arguments) }
    }

    /// A flag with one value; given twice, the last one holds.
    static func value<Value>(
        _ name: String, short: String? = nil, _ placeholder: String, _ help: String,
        _ field: WritableKeyPath<Arguments, Value> & Sendable, _ parse: @escaping Parser<Value>, form: Form = .free
    ) -> Flag {
        Flag(name: name, short: short, placeholder: placeholder, form: form, help: help) {
            arguments, text throws(ValueFault) in arguments[keyPath: field] = try parse(text)
        }
    }

    static func value<Value>(
        _ name: String, short: String? = nil, _ placeholder: String, _ help: String,
        _ field: WritableKeyPath<Arguments, Value?> & Sendable, _ parse: @escaping Parser<Value>, form: Form = .free
    ) -> Flag {
        Flag(name: name, short: short, placeholder: placeholder, form: form, help: help) {
            arguments, text throws(ValueFault) in arguments[keyPath: field] = try parse(text)
        }
    }

    /// A flag with values between commas, which may be given more than once; a value that was given before is not added
    /// again.
    static func list<Value: Equatable & Sendable>(
        _ name: String, _ placeholder: String, _ help: String,
        _ field: WritableKeyPath<Arguments, [Value]> & Sendable, _ parse: @escaping Parser<[Value]>, form: Form = .free
    ) -> Flag {
        Flag(name: name, placeholder: placeholder, form: form, help: help) { arguments, text throws(ValueFault) in
            for part in Values.list(text) {
                for value in try parse(part) where !arguments[keyPath: field].contains(value) {
                    arguments[keyPath: field].append(value)
                }
            }
        }
    }
}

extension Flag {
    /// A flag with one of an enumeration's cases.
    static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ placeholder: String, _ help: String, _ field: WritableKeyPath<Arguments, Value> & Sendable
    ) -> Flag where Value.RawValue == String {
        value(name, placeholder, help, field, Values.choice(Value.self), form: .word(Values.words(of: Value.self)))
    }

    static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ placeholder: String, _ help: String, _ field: WritableKeyPath<Arguments, Value?> & Sendable,
        elsewhere: [String: Value] = [:]
    ) -> Flag where Value.RawValue == String {
        value(
            name, placeholder, help, field, Values.choice(Value.self, elsewhere: elsewhere),
            form: .word(Values.words(of: Value.self)))
    }
}
