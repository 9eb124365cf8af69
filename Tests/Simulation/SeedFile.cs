using System.Text;

namespace PciBus.Tests.Simulation;

/// <summary>A file with a <see cref="SeedLine"/> per finished seed. Each line is written out at once: a killed run loses none.</summary>
internal sealed class SeedFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly HashSet<int> _finished;

    private SeedFile(FileStream stream, IEnumerable<int> finished) => (_stream, _finished) = (stream, [.. finished]);

    /// <summary>
    /// Where the next run begins: at the lowest seed that is missing after the lowest that is there. Seeds run two at a time,
    /// so a killed run leaves gaps before its highest.
    /// </summary>
    public int FirstMissing => Missing(_finished);

    /// <summary>Makes the file when there is none. Nobody else can write it meanwhile.</summary>
    public static SeedFile Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        var text = reader.ReadToEnd();
        // A kill may have cut the last line short: its seed runs again.
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        stream.SetLength(Encoding.UTF8.GetByteCount(whole));
        stream.Seek(0, SeekOrigin.End);
        return new SeedFile(stream, whole.Split('\n').Select(SeedLine.Parse).OfType<SeedLine>().Select(line => line.Seed));
    }

    /// <summary>The seed that <see cref="FirstMissing"/> is for these.</summary>
    public static int Missing(IReadOnlyCollection<int> finished)
    {
        var seed = finished.Count == 0 ? 1 : finished.Min();
        while (finished.Contains(seed)) seed++;
        return seed;
    }

    public bool Has(int seed) => _finished.Contains(seed);

    public void Append(SeedLine line)
    {
        _stream.Write(Encoding.UTF8.GetBytes($"{line}\n"));
        _stream.Flush();
    }

    public void Dispose() => _stream.Dispose();
}
