using System.Text.Json;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>
/// What the agent remembers of its commands over a crash: for the last command of each VM, that it was begun and what came of it. JSON
/// lines, appended; the last line of a VM counts, and a line cut off by a crash does not.
/// </summary>
internal sealed class CommandJournal(string path, bool sync, TimeProvider timeProvider) : IDisposable
{
    /// <summary>The file is rewritten when it is longer than this and mostly history.</summary>
    private const long CompactAbove = 1 << 20;

    /// <summary>How long a finished command is remembered for a repeat of it.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, JournalEntry> _entries = [];
    private FileStream? _file;
    private int _lines;
    private bool _torn;

    /// <summary>
    /// Lines that could not be read when the file was opened, but for a last line, which a crash cuts off: something else damaged the file.
    /// </summary>
    public IReadOnlyList<int> Skipped { get; private set; } = [];

    /// <summary>VMs that are not known to be off although the hypervisor may show no domain of theirs.</summary>
    public IReadOnlyList<JournalEntry> Interrupted
    {
        get
        {
            lock (_gate) return [.. _entries.Values.Where(entry => entry.Interrupted).OrderBy(entry => entry.VmUuid)];
        }
    }

    /// <summary>Reads the lines that were there before; commands that were begun and not finished count as interrupted.</summary>
    public void Open()
    {
        lock (_gate)
        {
            foreach (var entry in ReadLines())
            {
                _entries[entry.VmUuid] = entry is { Outcome: null, Settled: false } ? entry with { Interrupted = true } : entry;
            }

            Compact();
        }
    }

    /// <summary>The last command of a VM that was begun, or null.</summary>
    public JournalEntry? Find(Guid vmUuid)
    {
        lock (_gate) return _entries.GetValueOrDefault(vmUuid);
    }

    /// <summary>The entry of this command, when it was begun before and is not to be carried out again; null otherwise.</summary>
    public JournalEntry? FindRepeated(VirtualMachineCommand command) =>
        Find(command.VmUuid) is { } last && last.CommandId == command.CommandId && (last.Outcome is not null || !IsSafeTwice(command))
            ? last
            : null;

    /// <summary>Called before the hypervisor is touched: on return the entry is on the disk.</summary>
    public void Begin(VirtualMachineCommand command)
    {
        lock (_gate)
        {
            var last = _entries.GetValueOrDefault(command.VmUuid);
            var entry = new JournalEntry
            {
                VmUuid = command.VmUuid,
                VmName = command.VmName,
                CommandId = command.CommandId,
                Command = command.GetType().Name,
                Number = command.Number,
                Begun = timeProvider.GetUtcNow(),
                Interrupted = last?.Interrupted ?? false,
                // A new domain has not been asked to let go of any device.
                Pending = command is StartCommand ? [] : last?.Pending ?? [],
            };
            Write(entry, sync);
        }
    }

    /// <summary>Called before a VM is asked to let go of devices: on return the request is on the disk.</summary>
    public void Ask(Guid vmUuid, IReadOnlyList<PciAddress> devices)
    {
        lock (_gate) Write(_entries[vmUuid] with { Pending = [.. _entries[vmUuid].Pending.Union(devices)] }, sync);
    }

    /// <summary>The command is over.</summary>
    /// <param name="vmUuid">The VM.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="interrupted">The hypervisor may still be carrying it out.</param>
    public void Finish(Guid vmUuid, CommandOutcome outcome, bool interrupted = false)
    {
        lock (_gate)
        {
            // Not forced to the disk: a lost line makes the command an interrupted one, which is the safe side.
            var entry = _entries[vmUuid];
            // In memory the outcome counts even if the disk does not take it.
            _entries[vmUuid] = entry with
            {
                Outcome = outcome,
                Interrupted = entry.Interrupted || interrupted,
                Pending = [.. entry.Pending.Where(device => outcome.DeviceOutcomes.All(
                    other => other.Address != device || other.State == HotplugState.Pending))],
            };
            Write(_entries[vmUuid], toDisk: false);
        }
    }

    /// <summary>The hypervisor has shown what became of the VM's interrupted command.</summary>
    public void Settle(Guid vmUuid)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(vmUuid, out var entry) || !entry.Interrupted) return;
            // Settled in memory from now on, even if the disk does not take it.
            _entries[vmUuid] = entry with { Interrupted = false, Settled = true };
            try
            {
                Write(_entries[vmUuid], toDisk: false);
            }
            catch (IOException)
            {
                // After a crash the command counts as interrupted once more, which is the safe side.
            }
        }
    }

    /// <summary>Closes the file: nothing is written any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>Such a command says what shall be, not what shall be done: after a crash within it, it is carried out again.</summary>
    private static bool IsSafeTwice(VirtualMachineCommand command) =>
        command is StopCommand or PrepareForMigrationCommand or AttachPciDevicesCommand or DetachPciDevicesCommand;

    private void Write(JournalEntry entry, bool toDisk)
    {
        var file = _file ?? throw new OperationCanceledException("the journal is closed");
        // A line that a full disk cut off must not swallow the next line.
        ReadOnlySpan<byte> end = _torn ? "\n"u8 : default;
        _torn = true;
        file.Write([.. end, .. JsonSerializer.SerializeToUtf8Bytes(entry), (byte)'\n']);
        file.Flush(toDisk);
        _torn = false;
        _entries[entry.VmUuid] = entry;
        _lines++;
        if (file.Length > CompactAbove && _lines > 4 * _entries.Count) Compact();
    }

    private void Compact()
    {
        var old = timeProvider.GetUtcNow() - Remembered;
        foreach (var entry in _entries.Values.Where(entry => entry is { Interrupted: false } && entry.Begun < old).ToList())
        {
            _entries.Remove(entry.VmUuid);
        }

        _file?.Dispose();
        var temporary = path + ".tmp";
        using (var fresh = new FileStream(temporary, FileMode.Create))
        {
            foreach (var entry in _entries.Values) fresh.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry), (byte)'\n']);
            fresh.Flush(sync);
        }

        File.Move(temporary, path, overwrite: true);
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _lines = _entries.Count;
    }

    private IEnumerable<JournalEntry> ReadLines()
    {
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        var skipped = new List<int>();
        for (var i = 0; i < lines.Length; i++)
        {
            JournalEntry? entry = null;
            try
            {
                if (lines[i].Length > 0) entry = JsonSerializer.Deserialize<JournalEntry>(lines[i]);
            }
            catch (JsonException)
            {
                // Cut off by a crash: a begun line that is not whole was written before the hypervisor was touched.
                skipped.Add(i + 1);
            }

            if (entry is not null) yield return entry;
        }

        Skipped = [.. skipped.Where(line => line < lines.Length)];
    }
}
