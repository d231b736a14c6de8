import Network

/// A fault in the command line, without words: `Messages` finds them.
enum ArgumentFault: Error, Equatable {
    case unknownFlag(String, nearest: String?)
    case missingValue(flag: String, placeholder: String)
    case unexpectedValue(flag: String, value: String)
    case badValue(flag: String, value: String, ValueFault)
    case conflict(String, String)
    case noPrecision(Precision)
    /// The device that is asked for is not there.
    case noDevice(Wording)
    case noPhoto
    /// No pictures, no maps, no report.
    case nothingAskedFor
    /// A table of averages, and nothing that could be averaged.
    case nothingToAverage
    /// A path besides the one of the reports that are averaged.
    case severalReports(String)
    /// Maps of a layer's own grid, of several layers whose grids differ: width x height each.
    case severalGrids([String])
    /// A file of defaults that cannot be read, is wrong in a line, or says what the command line does not go with.
    case config(TableFault), configLine(String, line: Int, ConfigLineFault)
    indirect case besideConfig(String, ArgumentFault)
}

/// What is wrong with a line of a file of defaults.
enum ConfigLineFault: Error, Equatable {
    case notText, noFlag(String)
    /// A flag that stands on the command line alone.
    case notHere(String)
    case needsQuotes(String), openQuote, behindQuote(String)
    indirect case flag(ArgumentFault)
}

/// Why a flag's value does not do. The flag and the value are added where they are known.
enum ValueFault: Error, Equatable {
    case empty, notUTF8
    case notANumber
    case outOfRange(low: String, high: String)
    case notOneOf([String], nearest: String?)
    case malformed(expected: String)
    /// A card by its number.
    case numberedCard(String)
    case share(ShareFault)
}
