using System.Text.Json;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>
/// Appends to attachments.log which domain lived and held which device from when to when: JSON lines, for a judge that trusts neither agent
/// nor management. A beginning is written before it happens, an end after it has happened: whenever the agent is killed, the log tells of
/// no shorter time than the true one, and hides no overlap.
/// </summary>
internal sealed class AttachmentLog(string path, TimeProvider timeProvider) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>The lines of a log in order; a line cut off by a crash is left out.</summary>
    public static IReadOnlyList<Attachment> Read(string path)
    {
        var lines = new List<Attachment>();
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            try
            {
                if (JsonSerializer.Deserialize<Attachment>(line, SimulatorJson.Options) is { } attachment) lines.Add(attachment);
            }
            catch (JsonException)
            {
                // The line was cut off: Recover tells again what it would have said.
            }
        }

        return lines;
    }

    /// <param name="domain">The domain, with its devices.</param>
    /// <param name="at">When it began to be active here; default: now.</param>
    public void Begin(SimulatedDomain domain, DateTimeOffset? at = null) => Write(domain, Attachment.Start, Attachment.Attach, at);

    public void End(SimulatedDomain domain) => Write(domain, Attachment.End, Attachment.Detach);

    public void Attach(Guid domain, PciAddress device) => Write([Line(Attachment.Attach, domain) with { Device = device }]);

    public void Detach(Guid domain, PciAddress device) => Write([Line(Attachment.Detach, domain) with { Device = device }]);

    /// <summary>Adds the lines that are missing because of a crash between a domain's file and its lines.</summary>
    /// <param name="domains">The domains that are active by their files.</param>
    /// <param name="arrived">Domains that live here and have no file yet; their lines are written when they get one.</param>
    public void Recover(IReadOnlyCollection<SimulatedDomain> domains, IReadOnlyCollection<Guid> arrived)
    {
        var held = new Dictionary<Guid, HashSet<PciAddress>>();
        foreach (var line in Read(path))
        {
            if (line.Event == Attachment.Start) held[line.Domain] = [];
            else if (line.Event == Attachment.End) held.Remove(line.Domain);
            else if (line is { Event: Attachment.Attach, Device: { } device }) held.GetValueOrDefault(line.Domain)?.Add(device);
            else if (line is { Event: Attachment.Detach, Device: { } gone }) held.GetValueOrDefault(line.Domain)?.Remove(gone);
        }

        // Begins with an end of line: the last line may be cut off.
        if (_file.Position > 0) _file.WriteByte((byte)'\n');
        foreach (var (uuid, devices) in held.Where(
            entry => !arrived.Contains(entry.Key) && domains.All(domain => domain.Uuid != entry.Key)))
        {
            End(new SimulatedDomain { Uuid = uuid, PciDevices = [.. devices] });
        }

        foreach (var domain in domains)
        {
            if (!held.TryGetValue(domain.Uuid, out var devices))
            {
                Begin(domain);
                continue;
            }

            foreach (var device in devices.Except(domain.PciDevices)) Detach(domain.Uuid, device);
            foreach (var device in domain.PciDevices.Except(devices)) Attach(domain.Uuid, device);
        }
    }

    public void Dispose() => _file.Dispose();

    private Attachment Line(string happened, Guid domain) => new() { At = timeProvider.GetUtcNow(), Event = happened, Domain = domain };

    private void Write(SimulatedDomain domain, string happened, string withEachDevice, DateTimeOffset? at = null)
    {
        var line = Line(happened, domain.Uuid);
        line = line with { At = at ?? line.At };
        Write([line, .. domain.PciDevices.Select(device => line with { Event = withEachDevice, Device = device })]);
    }

    private void Write(IEnumerable<Attachment> lines)
    {
        using var text = new MemoryStream();
        foreach (var line in lines)
        {
            JsonSerializer.Serialize(text, line, SimulatorJson.Options);
            text.WriteByte((byte)'\n');
        }

        _file.Write(text.ToArray());
    }
}
