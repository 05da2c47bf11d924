using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using TorchSharp;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>The models beside the one that trains, and the local objective that compares it with them.</summary>
internal sealed class OtherModels
{
    private readonly LocalObjective _objective;
    private readonly ModelInstance? _teacher, _towards;
    private readonly ModelInstance[] _away;

    /// <summary>Puts the other models of a job on the lane.</summary>
    /// <param name="workspace">That of the lane.</param>
    /// <param name="job">The job.</param>
    /// <param name="model">The model that trains.</param>
    public OtherModels(TorchWorkspace workspace, LocalJob job, ModelInstance model)
    {
        _objective = job.Objective;
        var copy = 0;
        _teacher = _objective.Distill is { } distill ? Put(distill.Teacher) : null;
        _towards = _objective.Contrast is { } contrast ? Put(contrast.Towards) : null;
        _away = [.. (_objective.Contrast?.Away ?? []).Select(Put)];
        if (_objective.Contrast is not null)
            foreach (var watched in _away.Append(_towards!).Append(model)) watched.WatchFeatures();

        ModelInstance Put(ParameterVector weights)
        {
            var instance = workspace.Instance(job.Model, job.Data.Shape, job.Outputs.Count, ++copy);
            instance.Load(weights);
            instance.Network.eval();
            return instance;
        }
    }

    /// <summary>The local objective of one batch, ().</summary>
    /// <param name="loss">What it is added to.</param>
    /// <param name="model">The model that trains, which has just seen the batch.</param>
    /// <param name="pixels">The batch.</param>
    /// <param name="logits">The outputs of the model for it.</param>
    public Tensor AddTo(Tensor loss, ModelInstance model, Tensor pixels, Tensor logits)
    {
        if (_objective.Distill is { } distill) loss = loss.add(Distill(distill, pixels, logits), Scalars.One);
        if (_objective.Contrast is { } contrast)
            loss = loss.add(Contrast(contrast, pixels, model.Features.to(ScalarType.Float32)), Scalars.One);
        return loss;
    }

    private Tensor Distill(DistillTerm term, Tensor pixels, Tensor logits)
    {
        using var temperature = term.Temperature.ToScalar();
        using var weight = (term.Weight * term.Temperature * term.Temperature).ToScalar();
        Tensor taught;
        using (no_grad()) taught = _teacher!.Network.call(pixels).div(temperature).log_softmax(1);
        var own = logits.div(temperature).log_softmax(1);
        var divergence = taught.exp().mul(taught.sub(own)).sum(1L).mean();
        return divergence.mul(weight);
    }

    private Tensor Contrast(ContrastTerm term, Tensor pixels, Tensor features)
    {
        using var temperature = term.Temperature.ToScalar();
        using var mu = term.Mu.ToScalar();
        var towards = CosineSimilarity(features, FeaturesOf(_towards!, pixels));
        var all = new List<Tensor> { towards };
        all.AddRange(_away.Select(away => CosineSimilarity(features, FeaturesOf(away, pixels))));
        var scores = stack(all, 1).div(temperature);                      // (n, 1 + away)
        return scores.logsumexp(1).sub(towards.div(temperature)).mean().mul(mu);
    }

    private static Tensor FeaturesOf(ModelInstance instance, Tensor pixels)
    {
        using var noGradient = no_grad();
        instance.Network.call(pixels);
        return instance.Features;
    }

    /// <summary>Cosine of the angle between features, (n); 0 where one is zero.</summary>
    private static Tensor CosineSimilarity(Tensor a, Tensor b)
    {
        const double tiny = 1e-8;
        using var least = (tiny * tiny).ToScalar();
        return a.mul(b).sum(1L).div(Length(a).mul(Length(b)));

        Tensor Length(Tensor x) => x.mul(x).sum(1L).add(least, Scalars.One).sqrt();
    }
}
