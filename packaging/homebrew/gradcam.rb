# For a tap of your own: docs/install.md. The source archive of `make source` is taken from where
# HOMEBREW_GRADCAM_SOURCE says (a URL, file:// too), as the project has no place of its own for it.
class Gradcam < Formula
  desc "Show which parts of a photo made an image classifier decide"
  url ENV.fetch("HOMEBREW_GRADCAM_SOURCE", "file:///gradcam-0.1.0.tar.gz")
  version "0.1.0"
  license "MIT"

  depends_on "pkgconf" => :build
  depends_on "swift" => :build
  depends_on "jpeg-turbo"
  depends_on "lapack"
  depends_on "libpng"
  # Nobody has built it on macOS yet.
  depends_on :linux
  depends_on "openblas"
  depends_on "openssl@3"

  def install
    system "make", "install", "PREFIX=#{prefix}"
  end

  test do
    cp test_fixtures("test.jpg"), testpath
    system bin/"gradcam", "test.jpg", "--model", "catdog"
    assert_path_exists testpath/"gradcam_cam.jpg"
    assert_match version.to_s, shell_output("#{bin}/gradcam --version")
  end
end
