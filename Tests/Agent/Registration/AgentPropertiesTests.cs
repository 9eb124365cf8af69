using PciBus.Agent.Registration;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

public sealed class AgentPropertiesTests
{
    [Fact]
    public void Read_TakesCloudStacksKeys()
    {
        var properties = AgentProperties.Read("/etc/agent.properties", """
            # comment
            ! comment
            guid = 3f0e
            zone=z1
             pod = p1
            cluster=c1
            workers=7
            host.tags=a, b,\
              c
            simulator.memory=2 GiB
            simulator.start.time=1.5s
            simulator.stop.time=250
            """);

        Assert.Equal(
            ("3f0e", "z1", "p1", "c1", 7),
            (properties.Guid, properties.Zone, properties.Pod, properties.Cluster, properties.Workers));
        Assert.Equal(["a", "b", "c"], properties.HostTags);
        Assert.Equal(2L << 30, properties.Simulator.Memory);
        Assert.Equal(TimeSpan.FromSeconds(1.5), properties.Simulator.StartTime);
        Assert.Equal(TimeSpan.FromMilliseconds(250), properties.Simulator.StopTime);
        Assert.Equal("3f0e", properties.Name);
    }

    [Fact]
    public void Read_NamesEveryBadValue_AndWhatIsAllowed()
    {
        var refusal = Assert.Throws<AgentPropertiesException>(
            () => AgentProperties.Read("f", "workers=0\nhypervisor.type=xen\nsimulator.memory=lots\nstop.wait=soon"));

        Assert.Equal(5, refusal.Problems.Count);
        Assert.Contains(refusal.Problems, problem => problem.StartsWith("guid is missing", StringComparison.Ordinal));
        Assert.Contains("workers=0 is not allowed; allowed is a whole number from 1 to 1000", refusal.Problems);
    }

    [Fact]
    public void Read_TakesAKvmHost_AndSaysWhatItNeeds()
    {
        var properties = AgentProperties.Read("/etc/f", "guid=a\nhypervisor.type=kvm\nprivate.ip.address=10.0.0.1\nkvm.kernel=boot/vmlinuz");

        Assert.Equal(
            new KvmProperties { MigrationUri = "qemu+tls://10.0.0.1/system", Kernel = "/etc/boot/vmlinuz" }, properties.Kvm);
        Assert.True(properties.JournalSync);
        Assert.Equal("qemu+tls://[fd00::1]/system", AgentProperties.Read("f", "guid=a\nprivate.ip.address=fd00::1").Kvm.MigrationUri);
        Assert.Equal("qemu64", AgentProperties.Read("f", "guid=a\nkvm.domain.type=qemu").Kvm.Cpu);
        var refusal = Assert.Throws<AgentPropertiesException>(() => AgentProperties.Read("f", "guid=a\nkvm.templates=t\nkvm.domain.type=xen"));
        Assert.Equal(
            ["kvm.domain.type=xen is not allowed; allowed is kvm or qemu", "kvm.disks is missing; kvm.templates needs it"], refusal.Problems);
    }

    [Fact]
    public void Read_LetsOverridesReplaceTheFile()
    {
        var overrides = new Dictionary<string, string> { [AgentProperties.DataFolderKey] = "/elsewhere" };

        Assert.Equal("/elsewhere", AgentProperties.Read("f", "guid=a\nagent.data.folder=here", overrides).DataFolder);
    }
}
