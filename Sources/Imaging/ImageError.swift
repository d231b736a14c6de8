/// A fault in a picture file.
public enum ImageError: Error, Equatable { case empty }
