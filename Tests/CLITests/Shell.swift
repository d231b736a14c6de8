import Foundation
import TestSupport

/// What a finished process left.
struct Finished {
    let status: Int32
    let output, errors: String

    /// What is said on standard error of faults alone: without the line that tells what the network is fed.
    var faults: String {
        errors.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("feeding ") }.joined(
            separator: "\n")
    }
}

/// Runs a program to its end. `environment` is added to this process's own.
func run(_ program: String, _ arguments: [String], environment: [String: String] = [:], input: String = "") throws
    -> Finished
{
    let process = Process(), output = Pipe(), errors = Pipe(), standardInput = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    (process.standardOutput, process.standardError, process.standardInput) = (output, errors, standardInput)
    try process.run()
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let text = [output, errors].map { String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
    process.waitUntilExit()
    return Finished(status: process.terminationStatus, output: text[0], errors: text[1])
}

/// Runs one of the repository's scripts.
func runScript(_ name: String, _ arguments: [String], environment: [String: String] = [:], input: String = "") throws
    -> Finished
{
    try run(
        "/usr/bin/env", ["bash", Shared.repository + "/scripts/" + name] + arguments, environment: environment,
        input: input)
}
