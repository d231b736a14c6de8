/// One flag of the command line. Parsing, `--help` and the "did you mean" all read the same table, `Flag.all`.
struct Flag: Sendable {
    let name: String
    /// One dash and one letter, which stand for the name too.
    var short: String? = nil
    /// What stands for the value in `--help`; nil for a switch.
    let placeholder: String?
    let help: String
    /// Of a flag that needs no value: those that it takes. The next word is its value only where it is one of these;
    /// else the first holds.
    var words: [String] = []
    let set: @Sendable (inout Arguments, String) throws(ValueFault) -> Void

    static func toggle(
        _ name: String, short: String? = nil, _ help: String, _ set: @escaping @Sendable (inout Arguments) -> Void
    ) -> Flag {
        Flag(name: name, short: short, placeholder: nil, help: help) { arguments, _ in set(&arguments) }
    }

    /// A flag with one value; given twice, the last one holds.
    static func value<Value>(
        _ name: String, short: String? = nil, _ placeholder: String, _ help: String,
        _ field: WritableKeyPath<Arguments, Value> & Sendable, _ parse: @escaping Parser<Value>
    ) -> Flag {
        Flag(name: name, short: short, placeholder: placeholder, help: help) { arguments, text throws(ValueFault) in
            arguments[keyPath: field] = try parse(text)
        }
    }

    static func value<Value>(
        _ name: String, short: String? = nil, _ placeholder: String, _ help: String,
        _ field: WritableKeyPath<Arguments, Value?> & Sendable, _ parse: @escaping Parser<Value>
    ) -> Flag {
        Flag(name: name, short: short, placeholder: placeholder, help: help) { arguments, text throws(ValueFault) in
            arguments[keyPath: field] = try parse(text)
        }
    }

    /// A flag with values between commas, which may be given more than once; a value that was given before is not added
    /// again.
    static func list<Value: Equatable & Sendable>(
        _ name: String, _ placeholder: String, _ help: String,
        _ field: WritableKeyPath<Arguments, [Value]> & Sendable, _ parse: @escaping Parser<[Value]>
    ) -> Flag {
        Flag(name: name, placeholder: placeholder, help: help) { arguments, text throws(ValueFault) in
            for part in Values.list(text) {
                for value in try parse(part) where !arguments[keyPath: field].contains(value) {
                    arguments[keyPath: field].append(value)
                }
            }
        }
    }
}
