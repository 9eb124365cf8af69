using System.Text;

namespace PciBus.Agent.Pci;

/// <summary>
/// A folder that the kernel fills, <c>/sys</c> or <c>/proc</c>. What stands in it comes and goes at any time: what cannot be read is null.
/// Paths are relative to it, with <c>/</c>.
/// </summary>
/// <param name="root">Where it lies; tests lay out a folder of their own.</param>
internal sealed class KernelFolder(string root)
{
    private const int Page = 4096;

    /// <summary>As many links as the kernel itself follows.</summary>
    private const int MostLinks = 40;

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>A path of this folder as the rest of the system knows it.</summary>
    public string FullPath(string path) => Path.Combine(_root, path);

    public bool Exists(string path) => Path.Exists(FullPath(path));

    /// <summary>The text of a file without blanks around it; null when it cannot be read, or is longer than it may be.</summary>
    public string? Text(string path, int longest = Page) =>
        Bytes(path, longest + 1) is { } bytes && bytes.Length <= longest ? Encoding.UTF8.GetString(bytes).Trim().Trim('\0') : null;

    /// <summary>The first bytes of a file; null when it cannot be read.</summary>
    public byte[]? Bytes(string path, int most) => Try(() =>
    {
        using var file = new FileStream(FullPath(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        // The kernel says of its files that they are empty, or as long as a page.
        var read = new MemoryStream();
        var page = new byte[Page];
        while (read.Length < most && file.Read(page, 0, (int)Math.Min(Page, most - read.Length)) is > 0 and var length)
        {
            read.Write(page, 0, length);
        }

        return read.ToArray();
    });

    /// <summary>Tells the kernel something, in one write.</summary>
    /// <exception cref="IOException">There is no such file in this folder, or the kernel refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not allowed.</exception>
    public void Write(string path, string text)
    {
        var resolved = Resolve(path) ?? throw new FileNotFoundException($"{FullPath(path)} is not there");
        using var file = new FileStream(FullPath(resolved), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>The names in a folder, in order; null when it cannot be read.</summary>
    public IReadOnlyList<string>? Names(string path) => Try(() => Directory.GetFileSystemEntries(FullPath(path))
        .Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal).ToList());

    /// <summary>The last part of what a link says, which need not be there; null for what is no link.</summary>
    public string? LinkName(string path) => LinkText(path) is { } text && Path.GetFileName(text) is { Length: > 0 } name ? name : null;

    /// <summary>
    /// Follows the links of a path; null when it is not there, when its links lead out of this folder, or in a circle.
    /// </summary>
    public string? Resolve(string path)
    {
        var done = new List<string>();
        var left = new Stack<string>();
        Push(path);
        for (var links = 0; left.TryPop(out var part);)
        {
            if (part == "..")
            {
                if (done.Count == 0) return null;
                done.RemoveAt(done.Count - 1);
                continue;
            }

            var here = string.Join('/', [.. done, part]);
            if (LinkText(here) is not { } text)
            {
                if (!Exists(here)) return null;
                done.Add(part);
                continue;
            }

            if (++links > MostLinks) return null;
            if (text.StartsWith('/'))
            {
                if (!text.StartsWith(_root + "/", StringComparison.Ordinal)) return null;
                (text, done) = (text[(_root.Length + 1)..], []);
            }

            Push(text);
        }

        return string.Join('/', done);

        void Push(string text)
        {
            foreach (var part in text.Split('/').Where(part => part is not "" and not ".").Reverse()) left.Push(part);
        }
    }

    /// <summary>What a link says; null for what is no link, or cannot be read.</summary>
    public string? LinkText(string path) => Try(() => new FileInfo(FullPath(path)).LinkTarget);

    private static T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
